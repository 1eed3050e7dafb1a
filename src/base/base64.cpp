#include "mintmark/base/base64.hpp"

#include <array>

namespace mintmark {
namespace {

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kStandardAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kForeign = 0xff;

using DecodeTable = std::array<std::uint8_t, 256>;

constexpr DecodeTable make_decode_table(std::string_view alphabet) {
  DecodeTable table{};
  table.fill(kForeign);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr DecodeTable kUrlTable = make_decode_table(kUrlAlphabet);
constexpr DecodeTable kStandardTable = make_decode_table(kStandardAlphabet);

/// Writes without padding.
void append_encoded(std::string& out, ByteView bytes, std::string_view alphabet) {
  out.reserve(out.size() + (bytes.size() * 4 + 2) / 3);
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 | bytes[i + 2];
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += alphabet[group >> 6 & 63];
    out += alphabet[group & 63];
  }
  if (const std::size_t rest = bytes.size() - i; rest == 1) {
    out += alphabet[bytes[i] >> 2];
    out += alphabet[bytes[i] << 4 & 63];
  } else if (rest == 2) {
    out += alphabet[bytes[i] >> 2];
    out += alphabet[(bytes[i] << 4 | bytes[i + 1] >> 4) & 63];
    out += alphabet[bytes[i + 1] << 2 & 63];
  }
}

/// Reads text without padding.
Result<Bytes> decode(std::string_view text, const DecodeTable& table) {
  if (text.size() % 4 == 1) return invalid("base64: impossible length");
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t value = table[static_cast<std::uint8_t>(c)];
    if (value == kForeign) return invalid("base64: foreign character");
    buffer = buffer << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(buffer >> bits));
      buffer &= (1u << bits) - 1;
    }
  }
  if (buffer != 0) return invalid("base64: stray bits");
  return out;
}

}  // namespace

void append_base64url(std::string& out, ByteView bytes) {
  append_encoded(out, bytes, kUrlAlphabet);
}

std::string encode_base64url(ByteView bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

Result<Bytes> decode_base64url(std::string_view text) {
  return decode(text, kUrlTable);
}

Secret encode_secret(std::string_view prefix, ByteView bytes) {
  std::string text(prefix);
  append_base64url(text, bytes);  // reserves first, so that growing leaves no copy behind
  Secret secret{std::string_view(text)};
  wipe(text.data(), text.size());
  return secret;
}

std::string encode_base64(ByteView bytes) {
  std::string out;
  append_encoded(out, bytes, kStandardAlphabet);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<Bytes> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return invalid("base64: padding is missing");
  for (int i = 0; i < 2 && text.ends_with('='); ++i)
    text.remove_suffix(1);
  return decode(text, kStandardTable);
}

}  // namespace mintmark
