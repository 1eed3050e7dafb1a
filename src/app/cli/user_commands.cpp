// user: accounts in the store.

#include <algorithm>
#include <ostream>

#include "cli/admin_context.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"
#include "mintmark/accounts/password_authenticator.hpp"
#include "mintmark/base/duration.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::app::cli {
namespace {

constexpr const char* kPasswordFile = "The password is in this file; - is standard input. Else it is asked for";
constexpr std::size_t kMaxAttributeBytes = 16384;  // as in a declared user: they are copied into tokens

/// What sort of hash a user's password is kept as; empty where there is none.
std::string hash_format(const std::string& hash) {
  if (hash.starts_with("$2")) return "bcrypt";
  const std::size_t begin = hash.starts_with('$') ? 1 : 0;
  return hash.substr(begin, hash.find('$', begin) - begin);
}

Json describe(const accounts::User& user) {
  return {{"username", user.username},
          {"id", user.id.str()},
          {"source", source_name(user.version == 0)},
          {"disabled", user.disabled},
          {"password", user.password_hash.empty() ? Json() : Json(hash_format(user.password_hash))},
          {"attributes", user.attributes},
          {"created_at", user.version == 0 ? Json() : Json(format_instant(user.created_at))}};
}

Result<void> list_users(const Session& session, bool json) {
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  const Result<std::vector<accounts::User>> stored =
      list_all<accounts::User>([&](const accounts::User* after, std::size_t limit) {
        return admin->storage->users().list_users(after == nullptr ? std::string_view() : after->username, limit);
      });
  if (!stored) return stored.error();
  Json items = Json::array();
  Table table({"USERNAME", "ID", "SOURCE", "STATE", "PASSWORD", "CREATED"});
  for (const std::vector<accounts::User>* users : {&admin->config.users, &*stored}) {
    for (const accounts::User& user : *users) {
      items.push_back(describe(user));
      table.add({user.username, user.id.str(), std::string(source_name(user.version == 0)),
                 user.disabled ? "disabled" : "enabled", hash_format(user.password_hash),
                 user.version == 0 ? std::string() : format_instant(user.created_at)});
    }
  }
  print_listing(session.io.out, json, items, table);
  return {};
}

Result<void> check_attributes(const Json& attributes) {
  if (attributes.dump().size() > kMaxAttributeBytes) return invalid("attributes: larger than 16 KiB");
  return {};
}

Result<void> check_not_declared(const AdminContext& admin, const std::string& username) {
  const accounts::UserDirectory declared(admin.config.users, admin.storage->users());
  if (declared.is_declared_name(username)) return refuse_declared(admin.config, "user", username);
  return {};
}

Result<accounts::User> find_user(const AdminContext& admin, const std::string& username) {
  if (Result<void> checked = check_not_declared(admin, username); !checked) return checked.error();
  Result<std::optional<accounts::User>> found = admin.storage->users().find_by_username(username);
  if (!found) return found.error();
  if (!*found) return no_such("user", username);
  return **std::move(found);
}

template <class Change>
Result<void> change_user(const AdminContext& admin, const std::string& username, const Change& change) {
  return change_stored([&] { return find_user(admin, username); }, change,
                       [&](const accounts::User& user) { return admin.storage->users().update_user(user); });
}

struct PasswordOptions {
  std::string file;
  std::string hash_file;
  bool none = false;
};

Result<std::string> read_imported_hash(const Session& session, const Config& config, const std::string& file) {
  const Result<Secret> text = read_secret(session.io, file);
  if (!text) return text.error();
  const std::string_view hash = text->reveal_text();
  if (Result<void> checked = crypto::check_password_hash(hash); !checked) {
    return Error{checked.error().kind, file + ": " + checked.error().detail};
  }
  if (crypto::memory_cost_bytes(hash) > config.passwords.memory_budget_bytes) {
    return invalid(file + ": the hash takes more memory than passwords.memory_budget in " + config.file.string());
  }
  return std::string(hash);
}

Result<std::string> make_password_hash(const Session& session, const Config& config, const PasswordOptions& options) {
  if (options.none) return std::string();
  if (!options.hash_file.empty()) return read_imported_hash(session, config, options.hash_file);
  const Result<Secret> password = read_new_password(session.io, options.file);
  if (!password) return password.error();
  return accounts::make_password_hasher(config.passwords.argon2, config.passwords.memory_budget_bytes)->hash(*password);
}

/// Needs no configuration: it is for users that one declares, and cannot be loaded before their hashes exist.
Result<void> print_password_hash(const Session& session, const std::string& password_file) {
  const Result<Secret> password = read_new_password(session.io, password_file);
  if (!password) return password.error();
  const Result<std::string> hash = crypto::hash_password(*password, {});
  if (!hash) return hash.error();
  session.io.out << *hash << '\n';
  return {};
}

struct UserOptions {
  std::string username;
  std::vector<std::string> attributes;
  PasswordOptions password;
  bool json = false;
};

Result<void> add_user(const Session& session, const UserOptions& options) {
  accounts::User user;
  user.id = accounts::make_user_id();
  user.username = options.username;
  user.created_at = session.clock.now();
  if (!accounts::is_username(user.username)) {
    return invalid("a username has 1 to 255 bytes of UTF-8 without control characters");
  }
  if (Result<void> set = set_attributes(user.attributes, options.attributes); !set) return set;
  if (Result<void> checked = check_attributes(user.attributes); !checked) return checked;
  const Result<AdminContext> admin = open_admin(session, IfAbsent::create);
  if (!admin) return admin.error();
  if (Result<void> checked = check_not_declared(*admin, user.username); !checked) return checked;
  Result<std::string> hash = make_password_hash(session, admin->config, options.password);
  if (!hash) return hash.error();
  user.password_hash = *std::move(hash);
  if (Result<void> added = admin->storage->users().insert_user(user); !added) {
    const bool is_taken = added.error().kind == ErrorKind::conflict;
    return is_taken ? conflict("there is a user \"" + user.username + "\" already") : added.error();
  }
  if (options.json) {
    print_json(session.io.out, {{"username", user.username}, {"id", user.id.str()}});
  } else {
    session.io.out << "added " << user.username << ", sub " << user.id.str() << '\n';
  }
  return admin->audit->changed("user.create", user.id.str(), {{"username", user.username}});
}

/// Ends the sessions that have begun, and those of logins that are under way: they have read an earlier value, which is
/// why it must grow even where the clock has been set back.
void end_sessions_begun(accounts::User& user, Instant now) {
  user.sessions_valid_from = std::max(now, user.sessions_valid_from + Duration(1));
}

/// Tidies up after User::sessions_valid_from, which is what keeps a session begun before the change from going on.
Result<void> end_sessions(const Session& session, const AdminContext& admin, const UserId& user) {
  const Result<std::size_t> revoked = admin.storage->refresh_families().revoke_families_of(user, session.clock.now());
  if (!revoked) return revoked.error();
  if (*revoked > 0) {
    session.io.out << "ended " << *revoked << (*revoked == 1 ? " session" : " sessions")
                   << "; access tokens are good until they expire\n";
  }
  return {};
}

Result<void> set_password(const Session& session, const std::string& username, const PasswordOptions& options) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  const Result<accounts::User> user = find_user(*admin, username);
  if (!user) return user.error();
  const Result<std::string> hash = make_password_hash(session, admin->config, options);
  if (!hash) return hash.error();
  const auto change = [&](accounts::User& found) -> Result<void> {
    found.password_hash = *hash;
    end_sessions_begun(found, session.clock.now());
    return {};
  };
  if (Result<void> changed = change_user(*admin, username, change); !changed) return changed;
  session.io.out << "changed the password of " << username << '\n';
  Result<void> ended = end_sessions(session, *admin, user->id);
  Result<void> audited = admin->audit->changed("user.set_password", user->id.str(), {{"username", username}});
  return audited ? ended : audited;
}

/// Which attributes, not what they are: that may be about a person.
std::vector<std::string> names_of(const std::vector<std::string>& assignments) {
  std::vector<std::string> names;
  for (const std::string& assignment : assignments)
    names.push_back(assignment.substr(0, assignment.find_first_of(":=")));
  return names;
}

Result<void> set_user_attributes(const Session& session, const std::string& username,
                                 const std::vector<std::string>& assignments,
                                 const std::vector<std::string>& removals) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  const auto change = [&](accounts::User& user) -> Result<void> {
    for (const std::string& name : removals)
      user.attributes.erase(name);
    if (Result<void> set = set_attributes(user.attributes, assignments); !set) return set;
    return check_attributes(user.attributes);
  };
  if (Result<void> changed = change_user(*admin, username, change); !changed) return changed;
  return admin->audit->changed("user.set_attribute", username,
                               {{"set", join(names_of(assignments), ",")}, {"removed", join(removals, ",")}});
}

Result<void> set_disabled(const Session& session, const std::string& username, bool disabled) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  const auto change = [&](accounts::User& user) -> Result<void> {
    user.disabled = disabled;
    if (disabled) end_sessions_begun(user, session.clock.now());
    return {};
  };
  if (Result<void> changed = change_user(*admin, username, change); !changed) return changed;
  return admin->audit->changed(disabled ? "user.disable" : "user.enable", username);
}

Result<void> delete_user(const Session& session, const std::string& username) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  const Result<accounts::User> user = find_user(*admin, username);
  if (!user) return user.error();
  if (Result<void> erased = admin->storage->users().erase_user(user->id); !erased) return erased;
  session.io.out << "deleted " << username << '\n';
  Result<void> ended = end_sessions(session, *admin, user->id);
  Result<void> audited = admin->audit->changed("user.delete", user->id.str(), {{"username", username}});
  return audited ? ended : audited;
}

void add_username(CLI::App& command, std::string& username) {
  command.add_option("USERNAME", username)->required();
}

void add_password_options(CLI::App& command, PasswordOptions& options) {
  CLI::Option& file = add_value(command, "--password-file", options.file, kPasswordFile);
  CLI::Option& hash_file = add_value(command, "--password-hash-file", options.hash_file,
                                     "A hash of another system: bcrypt, PBKDF2, scrypt or Argon2; - is standard input");
  CLI::Option& none = *command.add_flag("--no-password", options.none, "No login by password");
  file.type_name("FILE")->excludes(&hash_file)->excludes(&none);
  hash_file.type_name("FILE")->excludes(&none);
}

void register_user_add(CLI::App& group, Session& session) {
  const auto options = std::make_shared<UserOptions>();
  CLI::App& add = add_service_command(group, session, "add", "Add a user",
                                      [&session, options] { return add_user(session, *options); });
  add_username(add, options->username);
  add_repeated(add, "--attribute", options->attributes, "For claims: NAME=TEXT or NAME:=JSON");
  add_password_options(add, options->password);
  add.add_flag("--json", options->json, "Print name and id as JSON");
  add.footer("Example:\n  mintmark user add alice --attribute role=Admin --attribute level:=3 --password-file pw.txt");
}

void register_user_list(CLI::App& group, Session& session) {
  const auto json = std::make_shared<bool>(false);
  CLI::App& list = add_service_command(group, session, "list", "All users, declared ones first",
                                       [&session, json] { return list_users(session, *json); });
  add_json_flag(list, *json);
}

void register_set_password(CLI::App& group, Session& session) {
  const auto username = std::make_shared<std::string>();
  const auto options = std::make_shared<PasswordOptions>();
  CLI::App& command =
      add_service_command(group, session, "set-password", "Change a password; ends the sessions begun with the old one",
                          [&session, username, options] { return set_password(session, *username, *options); });
  add_username(command, *username);
  add_password_options(command, *options);
}

void register_hash_password(CLI::App& group, Session& session) {
  const auto file = std::make_shared<std::string>();
  CLI::App& command =
      add_command(group, session, "hash-password", "Print the Argon2id hash of a password, for a declared user",
                  [&session, file] { return print_password_hash(session, *file); });
  add_value(command, "--password-file", *file, kPasswordFile).type_name("FILE");
}

void register_set_attribute(CLI::App& group, Session& session) {
  const auto username = std::make_shared<std::string>();
  const auto assignments = std::make_shared<std::vector<std::string>>();
  const auto removals = std::make_shared<std::vector<std::string>>();
  CLI::App& command =
      add_service_command(group, session, "set-attribute", "Change what claims are made of, from the next token on",
                          [&session, username, assignments, removals] {
                            return set_user_attributes(session, *username, *assignments, *removals);
                          });
  add_username(command, *username);
  command.add_option("ATTRIBUTE", *assignments, "NAME=TEXT or NAME:=JSON");
  add_repeated(command, "--remove", *removals, "Remove this one").type_name("NAME");
  command.footer("Example:\n  mintmark user set-attribute alice role=Auditor 'teams:=[\"red\",\"blue\"]'");
}

template <class Action>
void register_user_plain(CLI::App& group, Session& session, const std::string& name, const std::string& description,
                         const Action& action) {
  const auto username = std::make_shared<std::string>();
  CLI::App& command = add_service_command(group, session, name, description,
                                          [&session, username, action] { return action(session, *username); });
  add_username(command, *username);
}

}  // namespace

void add_user_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "user", "Users of the store");
  register_user_add(group, session);
  register_user_list(group, session);
  register_set_password(group, session);
  register_hash_password(group, session);
  register_set_attribute(group, session);
  register_user_plain(group, session, "disable", "Refuse logins and refreshes",
                      [](const Session& s, const std::string& username) { return set_disabled(s, username, true); });
  register_user_plain(group, session, "enable", "Allow them again",
                      [](const Session& s, const std::string& username) { return set_disabled(s, username, false); });
  register_user_plain(group, session, "delete", "Delete a user for good, and end all sessions", delete_user);
}

}  // namespace mintmark::app::cli
