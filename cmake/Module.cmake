# mintmark_module(NAME [DEPS module...] [LIBS target...] [PUBLIC_LIBS target...])
#
# One static library per module. Its public headers, include/mintmark/NAME, are linked into a build-tree root of their
# own, and that root is all that a dependent sees: including the header of a module that is not in DEPS does not
# compile. DEPS must be declared already, so a cycle or an upward dependency cannot be written.
#
# With MINTMARK_UNITY several sources are one unit: what is private to one of them has a name of its own in its module.

function(mintmark_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;PUBLIC_LIBS" ${ARGN})

  set(root ${PROJECT_BINARY_DIR}/modules/${name})
  file(MAKE_DIRECTORY ${root}/mintmark)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/mintmark/${name} ${root}/mintmark/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/src/app/main\\.cpp$")
  add_library(mintmark_${name} STATIC ${sources})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${root}/mintmark/${name}/*.hpp)
  target_sources(mintmark_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${root} FILES ${headers})
  target_include_directories(mintmark_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src/${name})
  set_target_properties(mintmark_${name} PROPERTIES UNITY_BUILD ${MINTMARK_UNITY})

  foreach(dep IN LISTS ARG_DEPS)
    if(NOT TARGET mintmark_${dep})
      message(FATAL_ERROR "module ${name} may not use ${dep}: it is not declared above it")
    endif()
    target_link_libraries(mintmark_${name} PUBLIC mintmark_${dep})
  endforeach()
  target_link_libraries(mintmark_${name} PUBLIC ${ARG_PUBLIC_LIBS} PRIVATE ${ARG_LIBS} mintmark_flags)
  mintmark_reuse_headers(mintmark_${name} mintmark_headers)
endfunction()
