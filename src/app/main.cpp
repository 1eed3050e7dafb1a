#include <iostream>

#include "mintmark/app/cli.hpp"

int main(int argc, char** argv) {
  using namespace mintmark;
  const app::CliIo io{std::cin, std::cout, std::cerr, app::ask_on_terminal};
  return app::run_cli({argv + 1, argv + argc}, io, app::read_environment(), SystemClock());
}
