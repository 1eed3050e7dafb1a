#include "chunked_decoder.hpp"

#include <algorithm>
#include <charconv>

namespace mintmark::http {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

std::size_t ChunkedDecoder::consume(std::string_view input, std::string& body) {
  std::size_t used = 0;
  while (state_ == State::more) {
    const std::string_view rest = input.substr(used);
    if (part_ == Part::data) {
      const std::string_view data = rest.substr(0, remaining_);
      body += data;
      used += data.size();
      remaining_ -= data.size();
      if (remaining_ > 0) break;
      part_ = Part::data_end;
    } else {
      const std::optional<std::string_view> line = find_line(rest);
      if (!line) break;
      used += line->size() + 2;
      read_line(*line);
    }
  }
  return used;
}

/// The first line of `input` without its CRLF, if it is there.
std::optional<std::string_view> ChunkedDecoder::find_line(std::string_view input) {
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    if (input.size() > max_extra_bytes_) state_ = State::extras_too_large;
    return std::nullopt;
  }
  if (end == 0 || input[end - 1] != '\r') {
    state_ = State::malformed;
    return std::nullopt;
  }
  return input.substr(0, end - 1);
}

void ChunkedDecoder::read_line(std::string_view line) {
  const bool is_unread_data = part_ == Part::data_end && !line.empty();  // more than the chunk's size
  if (is_unread_data || std::ranges::any_of(line, is_control)) {
    state_ = State::malformed;
  } else if (part_ == Part::size) {
    read_size(line);
  } else if (part_ == Part::trailer && !line.empty()) {
    skip(line);
  } else if (part_ == Part::trailer) {
    state_ = State::done;
  } else {
    part_ = Part::size;
  }
}

void ChunkedDecoder::read_size(std::string_view line) {
  const std::size_t digits = std::min(line.find_first_not_of(kHexDigits), line.size());
  const std::string_view extension = line.substr(digits);
  const std::size_t extension_begin = extension.find_first_not_of(" \t");
  const bool is_extension = extension_begin != std::string_view::npos && extension[extension_begin] == ';';
  constexpr std::size_t kMaxDigits = 16;
  if (digits == 0 || digits > kMaxDigits || (!extension.empty() && !is_extension)) {
    state_ = State::malformed;
    return;
  }
  std::from_chars(line.data(), line.data() + digits, remaining_, 16);
  skip(extension);
  if (state_ != State::more) return;
  if (remaining_ > allowance_) {
    state_ = State::body_too_large;
    return;
  }
  allowance_ -= static_cast<std::size_t>(remaining_);
  part_ = remaining_ > 0 ? Part::data : Part::trailer;
}

void ChunkedDecoder::skip(std::string_view extra) {
  extra_bytes_ += extra.size();
  if (extra_bytes_ > max_extra_bytes_) state_ = State::extras_too_large;
}

}  // namespace mintmark::http
