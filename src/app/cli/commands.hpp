#pragma once
// The groups of commands, each in a file of its own. Each function hangs its group under `app`; `session` outlives it.

#include "cli/session.hpp"

namespace mintmark::app::cli {

void add_service_commands(CLI::App& app, Session& session);  ///< serve, config, db
void add_backup_commands(CLI::App& app, Session& session);   ///< backup, restore
void add_health_command(CLI::App& app, Session& session);
void add_key_commands(CLI::App& app, Session& session);
void add_user_commands(CLI::App& app, Session& session);
void add_client_commands(CLI::App& app, Session& session);
void add_resource_commands(CLI::App& app, Session& session);
void add_token_commands(CLI::App& app, Session& session);
void add_audit_commands(CLI::App& app, Session& session);
void add_jose_commands(CLI::App& app, Session& session);
void add_explain_command(CLI::App& group, Session& session);  ///< of the group token
void add_encrypt_command(CLI::App& group, Session& session);  ///< of the group jose
void add_decrypt_command(CLI::App& group, Session& session);

}  // namespace mintmark::app::cli
