# The Debian package: cmake --build --preset release --target package
#
# What is installed is the program, its unit, its user, a configuration to be edited, and documents. Dependencies are
# what dpkg-shlibdeps finds, so a package is for the release that it was built on.

include(GNUInstallDirs)

set(deploy ${PROJECT_SOURCE_DIR}/docker/systemd)
set(systemd_units /usr/lib/systemd/system)
install(FILES ${deploy}/mintmark.service ${deploy}/mintmark.socket DESTINATION ${systemd_units} COMPONENT package)
install(FILES ${deploy}/mintmark.sysusers DESTINATION /usr/lib/sysusers.d RENAME mintmark.conf COMPONENT package)
install(FILES ${deploy}/mintmark.json DESTINATION /etc/mintmark COMPONENT package)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT package)
install(FILES ${PROJECT_SOURCE_DIR}/docker/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT package)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT package
        FILES_MATCHING PATTERN "*.md")
install(FILES ${PROJECT_SOURCE_DIR}/config/production.json ${PROJECT_SOURCE_DIR}/config/mintmark.schema.json
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT package)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mintmark)
set(CPACK_PACKAGE_CONTACT "Mintmark <mintmark@localhost>")
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # for the absolute destinations above
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "standalone token mint")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "One service that turns credentials into signed and, where asked, encrypted
JSON Web Tokens, and publishes the public keys that verify them. It speaks
OAuth 2.0 and keeps what it knows in an embedded database.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/docker/debian/conffiles
    ${PROJECT_SOURCE_DIR}/docker/debian/postinst ${PROJECT_SOURCE_DIR}/docker/debian/prerm
    ${PROJECT_SOURCE_DIR}/docker/debian/postrm)
include(CPack)
