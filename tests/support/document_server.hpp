#pragma once
// An HTTP server on a loopback port that answers every request with one document, which can be changed and taken away.
// Thread safety: all functions from any thread.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace mintmark::testing {

class DocumentServer {
 public:
  /// Answers 404 until it has a document.
  DocumentServer();
  DocumentServer(const DocumentServer&) = delete;
  DocumentServer& operator=(const DocumentServer&) = delete;
  ~DocumentServer();

  /// `fields` are header fields, each with its line end.
  void publish(const std::string& document, const std::string& fields = {});
  void take_away();

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/jwks.json"; }
  /// Requests that have been answered.
  [[nodiscard]] int requests() const noexcept { return requests_; }

 private:
  void serve();

  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::string answer_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace mintmark::testing
