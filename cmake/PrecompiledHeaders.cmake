# The headers that almost every source includes, parsed once. Sources include what they use all the same.

set(MINTMARK_COMMON_HEADERS <algorithm> <array> <chrono> <functional> <map> <memory> <mutex> <optional> <span> <string>
                            <string_view> <variant> <vector> <nlohmann/json.hpp>)

# An object library that does nothing but own precompiled headers.
function(mintmark_precompile name)
  file(WRITE ${PROJECT_BINARY_DIR}/${name}.cpp "")
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE nlohmann_json::nlohmann_json mintmark_flags)
  target_precompile_headers(${name} PRIVATE ${MINTMARK_COMMON_HEADERS} ${ARGN})
endfunction()

function(mintmark_reuse_headers target owner)
  if(MINTMARK_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

if(MINTMARK_PRECOMPILE)
  mintmark_precompile(mintmark_headers)
endif()
