// How long machine tokens take while logins flood the service: the real binary, asked for client_credentials tokens at
// a fixed rate whatever it answers (open loop: a slow answer delays no later request, so no delay goes unseen), without
// and with a flood of logins that keeps every password worker busy, in turns. Ends by itself within a minute.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/password_hash.hpp"
#include "mintmark/crypto/random.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using mintmark::Secret;

constexpr int kRounds = 4;
constexpr Clock::duration kPhase = 4s;
constexpr Clock::duration kFloodBegins = 1s;  // until all workers are busy
constexpr int kMachineRate = 200;             // a second
constexpr std::size_t kMachineConnections = 32;
constexpr std::size_t kFloodConnections = 96;
constexpr Clock::duration kPauseAfterRefusal = 100ms;
constexpr std::string_view kSecret = "mms_overload-secret-with-enough-characters";
constexpr std::string_view kPassword = "correct horse battery staple";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

std::string make_request(std::string_view form) {
  return "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
         "application/x-www-form-urlencoded\r\nContent-Length: " +
         std::to_string(form.size()) + "\r\n\r\n" + std::string(form);
}

/// The real binary with a configuration of its own, stopped at the end.
class Service {
 public:
  explicit Service(const std::string& binary) {
    std::string folder = (std::filesystem::temp_directory_path() / "mintmark-overload-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) fail(folder);
    folder_ = folder;
    port_ = find_free_port();
    write_configuration();
    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) {
      const int log = open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      dup2(log, STDERR_FILENO);
      execl(binary.c_str(), binary.c_str(), "serve", "--config", (folder_ / "mintmark.json").c_str(), nullptr);
      _exit(127);
    }
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] bool has_ended() const { return waitpid(pid_, nullptr, WNOHANG) != 0; }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static std::uint16_t find_free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0) fail("bind");
    close(fd);
    return ntohs(address.sin_port);
  }

  void write(const char* name, const std::string& content) const { std::ofstream(folder_ / name) << content; }

  void write_configuration() const {
    const std::string hash = mintmark::crypto::hash_password(Secret(kPassword), {}).value();  // of the default costs
    write("sealing.key", mintmark::encode_base64(mintmark::crypto::random_bytes(32)));
    write("service.secret", std::string(kSecret));
    write("mintmark.json", R"({"issuer": "http://localhost", "server": {"port": )" + std::to_string(port_) +
                               R"(}, "storage": {"path": "mint.db"}, "sealing_key_file": "sealing.key",
 "log": {"level": "warning"}, "passwords": {"queue": 64},
 "resources": [{"id": "https://api.example.com"}],
 "clients": [{"client_id": "service", "secrets": [{"id": "1", "secret_file": "service.secret"}],
              "grant_types": ["client_credentials"], "resources": ["https://api.example.com"]},
             {"client_id": "app", "auth_methods": ["none"], "grant_types": ["password"],
              "resources": ["https://api.example.com"]}],
 "users": [{"id": "user-1", "username": "alice", "password_hash": ")" +
                               hash + "\"}]}");
  }

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

/// Connections that are kept open, on one thread.
class Connections {
 public:
  using OnAnswer = std::function<void(std::size_t connection, int status)>;

  Connections(std::uint16_t port, std::size_t count, OnAnswer on_answer)
      : port_(port), epoll_(epoll_create1(EPOLL_CLOEXEC)), on_answer_(std::move(on_answer)) {
    for (std::size_t i = 0; i < count; ++i)
      open_one();
  }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
  ~Connections() {
    for (const One& one : all_)
      close(one.socket);
    close(epoll_);
  }

  /// A further one, when all are waiting for an answer. Its number.
  std::size_t open_one() {
    all_.push_back({connect_to(port_), {}});
    watch(all_.size() - 1);
    return all_.size() - 1;
  }

  void send(std::size_t connection, const std::string& request) {
    // As small as they are, requests fit into the kernel's buffer.
    if (::send(all_[connection].socket, request.data(), request.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(request.size()))
      return;
    reconnect(connection);
    on_answer_(connection, 0);
  }

  void wait(Clock::duration at_most) {
    std::array<epoll_event, 64> events{};
    const auto ms = std::max<std::int64_t>(0, std::chrono::floor<std::chrono::milliseconds>(at_most).count());
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(ms));
    for (int i = 0; i < count; ++i)
      read(events.at(static_cast<std::size_t>(i)).data.u64);
  }

 private:
  struct One {
    int socket;
    std::string received;
  };

  static int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
  }

  void watch(std::size_t connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = connection;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, all_[connection].socket, &event) != 0) fail("epoll_ctl");
  }

  void reconnect(std::size_t connection) {
    close(all_[connection].socket);
    all_[connection] = {connect_to(port_), {}};
    watch(connection);
  }

  void read(std::size_t connection) {
    std::array<char, 8192> buffer{};
    const ssize_t size = recv(all_[connection].socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
      reconnect(connection);
      on_answer_(connection, 0);
      return;
    }
    std::string& received = all_[connection].received;
    received.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t head_end = received.find("\r\n\r\n");
    const std::size_t length = received.find("Content-Length: ");
    if (head_end == std::string::npos || length == std::string::npos) return;
    const std::size_t body = std::strtoul(received.c_str() + length + 16, nullptr, 10);
    if (received.size() < head_end + 4 + body) return;
    const int status = std::atoi(received.c_str() + 9);
    received.clear();
    on_answer_(connection, status);
  }

  const std::uint16_t port_;
  const int epoll_;
  const OnAnswer on_answer_;
  std::deque<One> all_;
};

struct Latencies {
  std::vector<double> ms;
  std::size_t failed = 0;

  [[nodiscard]] double percentile(double part) {
    if (ms.empty()) return 0;
    std::ranges::sort(ms);
    return ms[std::min(ms.size() - 1, static_cast<std::size_t>(part * static_cast<double>(ms.size())))];
  }
};

/// One request each 1/rate seconds; each answer's time counts from when its request was due.
void ask_for_machine_tokens(std::uint16_t port, Clock::duration how_long, Latencies& latencies) {
  const std::string request =
      make_request("grant_type=client_credentials&client_id=service&client_secret=" + std::string(kSecret));
  std::vector<std::size_t> idle;
  std::map<std::size_t, Clock::time_point> due_of;
  Connections connections(port, kMachineConnections, [&](std::size_t connection, int status) {
    const auto due = due_of.find(connection);
    if (due == due_of.end()) return;
    latencies.ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due->second).count());
    if (status != 200) ++latencies.failed;
    due_of.erase(due);
    idle.push_back(connection);
  });
  for (std::size_t i = 0; i < kMachineConnections; ++i)
    idle.push_back(i);
  constexpr Clock::duration kInterval = std::chrono::duration_cast<Clock::duration>(1s) / kMachineRate;
  Clock::time_point due = Clock::now();
  const Clock::time_point end = due + how_long;
  while (due < end) {
    connections.wait(due - Clock::now());
    for (; due <= Clock::now() && due < end; due += kInterval) {
      if (idle.empty()) idle.push_back(connections.open_one());
      const std::size_t connection = idle.back();
      idle.pop_back();
      due_of[connection] = due;
      connections.send(connection, request);
    }
  }
  for (const Clock::time_point late = end + 5s; !due_of.empty() && Clock::now() < late;)
    connections.wait(10ms);
  latencies.failed += due_of.size();
}

struct Logins {
  std::atomic<std::size_t> done = 0;
  std::atomic<std::size_t> refused = 0;
};

/// Every connection asks again as soon as it has its answer.
void flood_with_logins(std::uint16_t port, const std::atomic<bool>& stop, Logins& logins) {
  const std::string request =
      make_request("grant_type=password&client_id=app&username=alice&password=correct+horse+battery+staple");
  std::vector<std::size_t> ready;
  std::multimap<Clock::time_point, std::size_t> pausing;
  Connections connections(port, kFloodConnections, [&](std::size_t connection, int status) {
    ++(status == 200 ? logins.done : logins.refused);
    if (status == 200) {
      ready.push_back(connection);
    } else {
      pausing.emplace(Clock::now() + kPauseAfterRefusal, connection);
    }
  });
  for (std::size_t i = 0; i < kFloodConnections; ++i)
    ready.push_back(i);
  while (!stop) {
    for (const std::size_t connection : std::exchange(ready, {}))
      connections.send(connection, request);
    connections.wait(10ms);
    while (!pausing.empty() && pausing.begin()->first <= Clock::now()) {
      ready.push_back(pausing.begin()->second);
      pausing.erase(pausing.begin());
    }
  }
}

void wait_until_it_answers(const Service& service) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (service.has_ended()) throw std::runtime_error("the service did not start: " + service.log());
    try {
      const Connections probe(service.port(), 1, [](std::size_t, int) {});
      return;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(10ms);
    }
  }
  throw std::runtime_error("the service does not answer");
}

void print_row(const char* name, Latencies& latencies) {
  std::printf("%-16s %9zu %8zu %10.2f %10.2f %10.2f\n", name, latencies.ms.size(), latencies.failed,
              latencies.percentile(0.50), latencies.percentile(0.99), latencies.percentile(0.999));
}

void run(const std::string& binary) {
  const Service service(binary);
  wait_until_it_answers(service);
  Latencies warm_up;
  ask_for_machine_tokens(service.port(), 1s, warm_up);
  Latencies calm;
  Latencies flooded;
  Logins logins;
  for (int round = 0; round < kRounds; ++round) {
    ask_for_machine_tokens(service.port(), kPhase, calm);
    std::atomic<bool> stop = false;
    std::thread flood([&] { flood_with_logins(service.port(), stop, logins); });
    std::this_thread::sleep_for(kFloodBegins);
    ask_for_machine_tokens(service.port(), kPhase, flooded);
    stop = true;
    flood.join();
  }
  std::printf("client_credentials at %d/s, %d x %d s without and with a login flood (%zu connections), %u CPUs\n",
              kMachineRate, kRounds, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(kPhase).count()),
              kFloodConnections, std::thread::hardware_concurrency());
  std::printf("%-16s %9s %8s %10s %10s %10s\n", "", "requests", "failed", "p50 ms", "p99 ms", "p99.9 ms");
  print_row("without flood", calm);
  print_row("with flood", flooded);
  std::printf("ratio of p99: %.2f (goal: at most 3)\n",
              flooded.percentile(0.99) / std::max(calm.percentile(0.99), 0.001));
  const double seconds = std::chrono::duration<double>((kPhase + kFloodBegins) * kRounds).count();
  std::printf("logins during the flood: %.1f/s answered, %.1f/s refused\n", static_cast<double>(logins.done) / seconds,
              static_cast<double>(logins.refused) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: overload_bench MINTMARK_BINARY\n");
    return 2;
  }
  try {
    run(argv[1]);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "overload_bench: %s\n", failure.what());
    return 1;
  }
}
