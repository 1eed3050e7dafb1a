#include "observers.hpp"

namespace mintmark::app {

Observers::Observers(const ops::LogOptions& options, std::ostream* out)
    : log(out == nullptr ? std::make_unique<ops::Log>(options) : std::make_unique<ops::Log>(options, *out)) {}

}  // namespace mintmark::app
