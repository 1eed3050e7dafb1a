#include "mintmark/crypto/password_hash.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mintmark::crypto {
namespace {

constexpr std::string_view kPassword = "correct horse battery staple";

// Argon2 by argon2-cffi, bcrypt by pyca's bcrypt, the rest by Python's hashlib and passlib: all of kPassword.
constexpr std::string_view kArgon2id =
    "$argon2id$v=19$m=256,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$eYnK556rcuTk9BJKas3geWs8uRkggHchFFzymlodqqY";
constexpr std::string_view kBcrypt = "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG";
constexpr std::string_view kPasslib =
    "$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$ppsXnjrdPB4KryJ6DrOqKqhkWrhv7PbKAMF1Eml8cZ4";
constexpr std::string_view kPhc =
    "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$ppsXnjrdPB4KryJ6DrOqKqhkWrhv7PbKAMF1Eml8cZ4";
constexpr std::string_view kDjango = "pbkdf2_sha256$1000$seasaltABC123$mFXLH6F4OI359ODFezriEa26AIowunD39SovgWgbjqk=";
constexpr std::string_view kScrypt =
    "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$mp90zEQd5XGhjEv4WArVH4Z0XRSzkGWtJK2S/AXJlRU";

const std::vector<std::string_view> kKnownAnswers = {
    kArgon2id,
    "$argon2id$v=19$m=512,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$zImqCHXaZJN0aexcwsQ7DjkbIvQdRU7NlCaRgDmx1q8",
    "$argon2i$v=19$m=256,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$LG7y6r0kCeOEPcbzyR168sGVKvSiglwDc3dUQ1Febs8",
    "$argon2i$v=16$m=256,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$y40HWJQFbptBOixsCsbcqRgRiEI6fYTNNyTOifOEsTo",
    kBcrypt,
    "$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
    "$2y$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
    kPasslib,
    "$pbkdf2-sha512$1000$AAECAwQFBgcICQoLDA0ODw$"
    "A6AmFIti7CKlYdoPiV9jf1d9llp37o27Wms8Zx8fwMJGCOigJzAthOW3Pg.XF5PnNiYnsQsIz1N5NtynrEm78w",
    kPhc,
    "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$"
    "A6AmFIti7CKlYdoPiV9jf1d9llp37o27Wms8Zx8fwMJGCOigJzAthOW3Pg+XF5PnNiYnsQsIz1N5NtynrEm78w",
    "$pbkdf2-sha512$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$A6AmFIti7CKlYdoPiV9jf1d9llp37o27Wms8Zx8fwMI",
    kDjango,
    "pbkdf2_sha512$1000$seasaltABC123$"
    "mOCvpMc0qjyz6qxQ5qGI6lSAsyfRWrasq0lJNXEyCrXqHMpmcvUm9miOmGgQEIU29XLKwGJTemWe9zHaNsRU+Q==",
    kScrypt,
    "$scrypt$ln=8,r=4,p=3$AAECAwQFBgcICQoLDA0ODw$"
    "fyvLNedFlfmrnMVSqChe4zbanfvtvBhsQzrM/1BHLhjtDFuCMnbnFT3556XjnQaMNbIoIwF9p+J5rRjDqjUceA",
};

constexpr Argon2Parameters kCheap{.memory_kib = 64, .iterations = 1, .parallelism = 1};

bool matches(std::string_view password, std::string_view hash) {
  const Result<PasswordMatch> match = verify_password(Secret(password), hash);
  EXPECT_TRUE(match) << hash << ": " << match.error().detail;
  return match && *match == PasswordMatch::match;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

TEST(PasswordHash, KnownAnswersOfOtherSystemsMatch) {
  for (const std::string_view hash : kKnownAnswers) {
    EXPECT_TRUE(matches(kPassword, hash)) << hash;
    EXPECT_TRUE(check_password_hash(hash)) << hash;
  }
}

TEST(PasswordHash, AnotherPasswordDoesNotMatch) {
  for (const std::string_view hash : kKnownAnswers) {
    for (const std::string_view other :
         {"", "correct horse battery stapl", "correct horse battery staple ", "Correct horse battery staple"}) {
      EXPECT_FALSE(matches(other, hash)) << hash << " with \"" << other << '"';
    }
  }
}

TEST(PasswordHash, OneChangedByteOfTheHashDoesNotMatch) {
  for (const std::string_view hash : kKnownAnswers) {
    std::string changed(hash);
    char& c = changed[changed.size() - 10];
    c = c == 'a' ? 'b' : 'a';
    EXPECT_FALSE(matches(kPassword, changed)) << changed;
  }
}

TEST(PasswordHash, OursVerifiesAndSaysItsParameters) {
  const Result<std::string> hash = hash_password(Secret(kPassword), kCheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *hash;
  EXPECT_TRUE(matches(kPassword, *hash));
  EXPECT_FALSE(matches("other", *hash));
}

TEST(PasswordHash, EverySaltIsFresh) {
  EXPECT_NE(*hash_password(Secret(kPassword), kCheap), *hash_password(Secret(kPassword), kCheap));
}

TEST(PasswordHash, Argon2ParametersOutOfRangeAreInvalid) {
  for (const Argon2Parameters& parameters :
       {Argon2Parameters{7, 1, 1}, Argon2Parameters{64, 0, 1}, Argon2Parameters{64, 1, 0}, Argon2Parameters{64, 1, 9},
        Argon2Parameters{4 * 1024 * 1024 + 1, 1, 1}, Argon2Parameters{1 << 20, 1, 256}}) {
    const Result<std::string> hash = hash_password(Secret(kPassword), parameters);
    ASSERT_FALSE(hash);
    EXPECT_EQ(hash.error().kind, ErrorKind::invalid);
  }
}

// By pyca's bcrypt, which truncates: 73 times "a" gives the same hash there.
TEST(Bcrypt, PasswordsItWouldTruncateNeverMatch) {
  constexpr std::string_view k72 = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
  EXPECT_TRUE(matches(std::string(72, 'a'), k72));
  EXPECT_FALSE(matches(std::string(73, 'a'), k72));
  EXPECT_FALSE(matches(std::string(1024, 'a'), k72));
}

TEST(Bcrypt, PasswordsWithNulNeverMatch) {
  EXPECT_FALSE(matches(std::string(kPassword) + '\0', kBcrypt));
  EXPECT_FALSE(matches(std::string(kPassword) + '\0' + "more", kBcrypt));
  EXPECT_FALSE(matches(std::string_view("\0", 1), "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"));
}

TEST(Bcrypt, EmptyAndUtf8PasswordsMatchTheirOwn) {
  EXPECT_TRUE(matches("", "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"));
  EXPECT_TRUE(matches("пароль-ü", "$2b$04$abcdefghijklmnopqrstuu5BoGc4rY8rhTBnzquy6h1cFHZo/h4Ii"));
}

TEST(Bcrypt, StrayBitsInTheSaltAreNoObstacle) {
  EXPECT_TRUE(matches(kPassword, replaced(kBcrypt, "stuu7", "stuv7")));
}

TEST(PasswordHash, MalformedTextIsInvalid) {
  const std::vector<std::string> malformed = {
      std::string(kArgon2id) + "$",
      std::string(kArgon2id) + "=",
      std::string(kArgon2id) + "\n",
      replaced(kArgon2id, "v=19", "v=18"),
      replaced(kArgon2id, "v=19$", ""),
      replaced(kArgon2id, "m=256,t=2,p=1", "t=2,m=256,p=1"),
      replaced(kArgon2id, "m=256", "m=0256"),
      replaced(kArgon2id, "m=256", "m=+256"),
      replaced(kArgon2id, "m=256", "m= 256"),
      replaced(kArgon2id, "m=256", "m=99999999999"),
      replaced(kArgon2id, "m=256", "m=7"),
      replaced(kArgon2id, "t=2", "t=0"),
      replaced(kArgon2id, "p=1", "p=0"),
      replaced(kArgon2id, "p=1", "p=33"),
      replaced(kArgon2id, "p=1", "p=1,keyid=aaaa"),
      replaced(kArgon2id, "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgc*CQoLDA0ODw"),
      replaced(kArgon2id, "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx"),
      replaced(kArgon2id, "AAECAwQFBgcICQoLDA0ODw", "AAECAwQ"),
      replaced(kArgon2id, "AAECAwQFBgcICQoLDA0ODw", ""),
      replaced(kArgon2id, "$eYnK556rcuTk9BJKas3geWs8uRkggHchFFzymlodqqY", "$eYnK556r"),
      replaced(kArgon2id, "eYnK556rcuTk9BJKas3geWs8uRkggHchFFzymlodqqY", std::string(88, 'A')),
      "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6C",
      "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CGa",
      "$2b$04$abcdefghijklmnopqrst:u7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
      "$2b$03$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
      "$2b$32$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
      "$2b$4$$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
      "$2b$004abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG",
      replaced(kPasslib, "$1000$", "$0$"),
      replaced(kPasslib, "$1000$", "$01000$"),
      replaced(kPasslib, "$1000$", "$-1000$"),
      replaced(kPasslib, "$1000$", "$4294967295$"),
      replaced(kPasslib, "$1000$", "$$"),
      replaced(kPasslib, "ppsX", "pp+X"),
      replaced(kPasslib, "ppsXnjrdPB4KryJ6DrOqKqhkWrhv7PbKAMF1Eml8cZ4", std::string(86, 'A')),
      std::string(kPasslib) + "$",
      replaced(kPhc, "l=32", "l=31"),
      replaced(kPhc, "l=32", "l=32,x=1"),
      replaced(kPhc, "i=1000,l=32", "i="),
      replaced(kDjango, "$1000$", "$$"),
      replaced(kDjango, "seasaltABC123", "short"),
      replaced(kDjango, "seasaltABC123", "sea salt ABC 123"),
      replaced(kDjango, "jqk=", "jqk"),
      replaced(kDjango, "jqk=", "jq=="),
      replaced(kScrypt, "ln=10", "ln=0"),
      replaced(kScrypt, "ln=10", "ln=31"),
      replaced(kScrypt, "r=8", "r=0"),
      replaced(kScrypt, "p=1", "p=0"),
      replaced(kScrypt, "ln=10,r=8,p=1", "ln=16,r=1,p=1"),  // RFC 7914 §2: N < 2^(128 r / 8)
      replaced(kScrypt, "ln=10,r=8,p=1", "ln=10,r=8"),
      std::string(kScrypt) + std::string(500, 'A'),
  };
  for (const std::string& hash : malformed) {
    const Result<void> checked = check_password_hash(hash);
    ASSERT_FALSE(checked) << hash;
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid) << hash;
    EXPECT_FALSE(verify_password(Secret(kPassword), hash)) << hash;
    EXPECT_EQ(memory_cost_bytes(hash), 0U) << hash;
  }
}

TEST(PasswordHash, FormatsThatWeDoNotReadAreUnsupported) {
  for (const std::string_view hash :
       {"", "correct horse battery staple",
        "$argon2d$v=19$m=256,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$SF7xcbnMYbNETuVcw6X2+9qGb3m59Q/dHv5TZg3tq7E",
        "$2x$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG", "$1$abcdefgh$CXKbLmPxPjL4wqrqXYr7P0",
        "$pbkdf2$1000$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw", "*"}) {
    const Result<void> checked = check_password_hash(hash);
    ASSERT_FALSE(checked) << hash;
    EXPECT_EQ(checked.error().kind, ErrorKind::unsupported) << hash;
  }
}

TEST(PasswordHash, ErrorsDoNotRepeatTheHash) {
  const Result<void> checked = check_password_hash(replaced(kArgon2id, "AAECAwQF", "*canary*"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().detail.find("canary"), std::string::npos);
}

struct CostCase {
  std::string hash;
  HashLimits enough;
  HashLimits too_little;
};

HashLimits with(auto HashLimits::*field, std::uint32_t value) {
  HashLimits limits;
  limits.*field = value;
  return limits;
}

TEST(PasswordHash, CostsAboveTheLimitAreRefusedBeforeTheyArePaid) {
  const std::vector<CostCase> cases = {
      {std::string(kArgon2id), with(&HashLimits::max_memory_kib, 256), with(&HashLimits::max_memory_kib, 255)},
      {std::string(kArgon2id), with(&HashLimits::max_argon2_iterations, 2),
       with(&HashLimits::max_argon2_iterations, 1)},
      {std::string(kKnownAnswers[1]), with(&HashLimits::max_parallelism, 4), with(&HashLimits::max_parallelism, 3)},
      {std::string(kBcrypt), with(&HashLimits::max_bcrypt_cost, 4), with(&HashLimits::max_bcrypt_cost, 3)},
      {std::string(kPhc), with(&HashLimits::max_pbkdf2_iterations, 1000),
       with(&HashLimits::max_pbkdf2_iterations, 999)},
      {std::string(kScrypt), with(&HashLimits::max_memory_kib, 1027), with(&HashLimits::max_memory_kib, 1026)},
      {std::string(kKnownAnswers.back()), with(&HashLimits::max_parallelism, 3), with(&HashLimits::max_parallelism, 2)},
  };
  for (const CostCase& c : cases) {
    EXPECT_TRUE(check_password_hash(c.hash, c.enough)) << c.hash;
    EXPECT_TRUE(verify_password(Secret(kPassword), c.hash, c.enough)) << c.hash;
    const Result<void> refused = check_password_hash(c.hash, c.too_little);
    ASSERT_FALSE(refused) << c.hash;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_FALSE(verify_password(Secret(kPassword), c.hash, c.too_little)) << c.hash;
  }
}

TEST(PasswordHash, DefaultLimitsStopAWeapon) {
  for (const std::string& hash : {replaced(kArgon2id, "m=256", "m=4194304"), replaced(kArgon2id, "t=2", "t=4294967295"),
                                  replaced(kBcrypt, "$04$", "$31$"), replaced(kPasslib, "$1000$", "$2147483647$"),
                                  replaced(kScrypt, "ln=10,r=8", "ln=30,r=1024"), replaced(kScrypt, "p=1", "p=1024")}) {
    EXPECT_FALSE(verify_password(Secret(kPassword), hash)) << hash;
  }
}

TEST(PasswordHash, NeedsRehashUnlessExactlyOurs) {
  const Argon2Parameters parameters{.memory_kib = 256, .iterations = 2, .parallelism = 1};
  EXPECT_FALSE(needs_rehash(kArgon2id, parameters));
  EXPECT_FALSE(needs_rehash(*hash_password(Secret(kPassword), kCheap), kCheap));
  EXPECT_TRUE(needs_rehash(kArgon2id, {.memory_kib = 257, .iterations = 2, .parallelism = 1}));
  EXPECT_TRUE(needs_rehash(kArgon2id, {.memory_kib = 256, .iterations = 3, .parallelism = 1}));
  EXPECT_TRUE(needs_rehash(kArgon2id, {.memory_kib = 256, .iterations = 2, .parallelism = 2}));
  EXPECT_TRUE(needs_rehash(replaced(kArgon2id, "v=19", "v=16"), parameters));
  EXPECT_TRUE(needs_rehash(replaced(kArgon2id, "argon2id", "argon2i"), parameters));
  EXPECT_TRUE(needs_rehash(replaced(kArgon2id, "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0"), parameters));
  for (const std::string_view hash : {kBcrypt, kPasslib, kPhc, kDjango, kScrypt, std::string_view()}) {
    EXPECT_TRUE(needs_rehash(hash, parameters)) << hash;
  }
}

TEST(PasswordHash, MemoryCostIsWhatTheHashAsksFor) {
  EXPECT_EQ(memory_cost_bytes(kArgon2id), 256U * 1024);
  EXPECT_EQ(memory_cost_bytes(kScrypt), 128U * 8 * (1024 + 1 + 2));
  EXPECT_LT(memory_cost_bytes(kBcrypt), 64U * 1024);
  EXPECT_GT(memory_cost_bytes(kBcrypt), 0U);
}

}  // namespace
}  // namespace mintmark::crypto
