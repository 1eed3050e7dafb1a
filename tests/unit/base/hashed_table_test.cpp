#include "mintmark/base/hashed_table.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

using Table = HashedTable<int>;

Table::Key key_of(std::uint8_t number) {
  Table::Key key{};
  key[15] = number;  // beyond what chooses the set, so all meet in one
  return key;
}

/// Sets the value of a key; the value that had to go, 0 if none.
int put(Table& table, std::uint8_t number, int value) {
  return table.with(key_of(number), [&](Table::Set& set) {
    int evicted = 0;
    set.find_or_insert(
        key_of(number), [](int it) { return it; }, [&](Table::Entry&& it) { evicted = it.value; }) = value;
    return evicted;
  });
}

TEST(HashedTable, TheLightestMakesRoom) {
  Table table(64);
  for (std::uint8_t number = 0; number < Table::kWays; ++number)
    EXPECT_EQ(put(table, number, 100 + number), 0);
  EXPECT_EQ(put(table, 3, 50), 0) << "it is there already";
  EXPECT_EQ(put(table, 90, 7), 50);
  EXPECT_EQ(put(table, 91, 200), 7);
  table.with(key_of(3), [](Table::Set& set) { EXPECT_EQ(set.find(key_of(3)), nullptr); });
  table.with(key_of(7), [](Table::Set& set) { EXPECT_EQ(*set.find(key_of(7)), 107); });
}

TEST(HashedTable, WhatIsErasedLeavesItsPlace) {
  Table table(8);
  for (std::uint8_t number = 0; number < Table::kWays; ++number)
    put(table, number, 1 + number);
  table.with(key_of(5), [](Table::Set& set) { set.erase(key_of(5)); });
  EXPECT_EQ(put(table, 77, 1), 0);
}

}  // namespace
}  // namespace mintmark
