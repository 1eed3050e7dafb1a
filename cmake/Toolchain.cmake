# Compiler flags that every target of the project shares, as the interface target mintmark_flags.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # What ccache needs to be told to cache sources that use precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(mintmark_flags INTERFACE)
target_compile_options(mintmark_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Wundef
  -fstack-protector-strong $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2> -fno-plt -fPIE
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
target_link_options(mintmark_flags INTERFACE -Wl,-z,relro,-z,now $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
if(MINTMARK_WERROR)
  target_compile_options(mintmark_flags INTERFACE -Werror)
endif()
if(MINTMARK_SANITIZE)
  # Not vptr: it looks at an object through a pipe, and sees none where a test has used up all descriptors.
  target_compile_options(mintmark_flags INTERFACE -fsanitize=${MINTMARK_SANITIZE} -fno-sanitize=vptr
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mintmark_flags INTERFACE -fsanitize=${MINTMARK_SANITIZE})
endif()
