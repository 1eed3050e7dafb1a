#include "mintmark/ops/fan_out.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mintmark::ops {
namespace {

class Counter final : public http::AccessLog {
 public:
  explicit Counter(std::string& order, char name) : order_(order), name_(name) {}
  void request_served(const http::ServedRequest&) noexcept override { order_ += name_; }
  void server_problem(std::string_view, const Error&) noexcept override { order_ += static_cast<char>(name_ - 32); }
  void connection_refused(http::ConnectionRefusal, std::string_view) noexcept override {
    order_ += static_cast<char>(name_ - 'a' + '1');
  }

 private:
  std::string& order_;
  char name_;
};

TEST(FanOut, TellsEachListenerOnceInTheirOrder) {
  std::string order;
  Counter first(order, 'a');
  Counter second(order, 'b');
  AccessLogFan fan({&first, &second});

  fan.request_served({.method = http::Method::get,
                      .route = http::Route::health,
                      .status = 200,
                      .duration = {},
                      .answer_bytes = 0,
                      .request_id = {},
                      .remote_address = {},
                      .error = {}});
  fan.server_problem({}, Error{ErrorKind::unavailable, "nothing"});
  fan.connection_refused(http::ConnectionRefusal::too_many, "192.0.2.1");

  EXPECT_EQ(order, "abAB12");
}

}  // namespace
}  // namespace mintmark::ops
