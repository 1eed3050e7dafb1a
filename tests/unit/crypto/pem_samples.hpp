#pragma once
// Keys made by `openssl` for these tests and used nowhere else.

namespace mintmark::crypto::samples {

/// SEC1, after the "EC PARAMETERS" block that `openssl ecparam -genkey` writes.
inline constexpr const char* kEcSec1WithParameters = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIN8jHu019kkFD2ivnMSBzYtc2DWKjZ9NhApDAXdiBwVdoAoGCCqGSM49
AwEHoUQDQgAElMi5RBi7brCz7ykiOL63ZZk+0BRr5DFTCA1KEUmZYpmKC0gUlH8v
7mCNaolTKGlIMuAUK5fT0NXDPCPQvJpxFg==
-----END EC PRIVATE KEY-----
)";

/// The same key.
inline constexpr const char* kEcPkcs8 = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3yMe7TX2SQUPaK+c
xIHNi1zYNYqNn02ECkMBd2IHBV2hRANCAASUyLlEGLtusLPvKSI4vrdlmT7QFGvk
MVMIDUoRSZlimYoLSBSUfy/uYI1qiVMoaUgy4BQrl9PQ1cM8I9C8mnEW
-----END PRIVATE KEY-----
)";

/// Its public part.
inline constexpr const char* kEcSpki = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElMi5RBi7brCz7ykiOL63ZZk+0BRr
5DFTCA1KEUmZYpmKC0gUlH8v7mCNaolTKGlIMuAUK5fT0NXDPCPQvJpxFg==
-----END PUBLIC KEY-----
)";

/// Its public part with a compressed point.
inline constexpr const char* kEcCompressedSpki = R"(-----BEGIN PUBLIC KEY-----
MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgAClMi5RBi7brCz7ykiOL63ZZk+0BRr
5DFTCA1KEUmZYpk=
-----END PUBLIC KEY-----
)";

/// Its public part with the curve spelt out instead of named.
inline constexpr const char* kEcExplicitSpki = R"(-----BEGIN PUBLIC KEY-----
MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABJTIuUQYu26ws+8pIji+t2WZ
PtAUa+QxUwgNShFJmWKZigtIFJR/L+5gjWqJUyhpSDLgFCuX09DVwzwj0LyacRY=
-----END PUBLIC KEY-----
)";

/// The same key under a passphrase.
inline constexpr const char* kEcSec1Encrypted = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,0CD0B19641DE29A6BDD49DDFCC35BDE1

PS1+7kOtZqU/qWIdnUmJgUHqrIm79in5v6NlTS+ausl6EP6jgvVYwFYavsjDHKM7
KO1fo58HEeABF34iEpO0MQKhh1YUgsTv8B/LBz7WEi/HDamcIN8Sfyzc3/8PKtyH
TRY4DM/LqItmRYBlHpI2Ob6AUl1W0fV4X16n+VCB5X4=
-----END EC PRIVATE KEY-----
)";

/// Likewise.
inline constexpr const char* kEcPkcs8Encrypted = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAgyVWYxoJGHzQIBAjAM
BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQp3HLUHB42Jeqh6Jfx8jmUwSBkJKE
X4JDaORicSgF5UWgHKw1yTqQFt+DmxE6n7al8IpfIqjFrNBnWkJYwXWXBM+XoILp
J2CBmjXZ8T/wOyx/1BC3a8DNeYucvnCKfgM7t3sbeowPIPr4PdMdNspv+Oe1upZE
1iVOYItb6NJUvUzVofZ1jomvoRD9UwxTD/eI/eaN3A/fuvoXIvfU/cgvm/BXuQ==
-----END ENCRYPTED PRIVATE KEY-----
)";

inline constexpr const char* kRsaPkcs1 = R"(-----BEGIN RSA PRIVATE KEY-----
MIIEogIBAAKCAQEAv/Qw0GrXFUmwQhmJR/W1Ys/zkZPP9nb9+hDtsVe9Tp/Y4z9t
CBG/+HZUOU62V5DPAAVg8JG7+UnUgwWs8RvtEUlv6EStDdPm6ogZMu0mDeqNiniQ
lvesP2/AYoV0T9haMH18VGMt+dCaeQfqR1jqH1x0RON+cIKCH/+8kGfBF2zUHc/V
/WoZ26csv5N3GstyNy4TdSmtLC5PfxvBWDrZyMbppfzMXM5e9IUXUMHnqjeWV4ti
QMzVVQOYC+cdkrwLJlWIiIH2ww20ppu29LUfk6Nh0aA0+vOUUcZKtE/HNThFITXS
SgacxGWgfN0nw6/yAi8xtKA18EJQ2Gj79UxetwIDAQABAoIBAAnEvGE24V2OI5/8
MF4kSnKjYOKqh4hO6OuQxfqNm67ZzU358dYEdTpd5zkIC5ksNOSW4Xvh/BNv0Zae
CNLiWBpWRubRQTn1a93JRvhY/46baPrq2iIyANGKTIZBrWLM1gDRZKzfY+e/2Rn0
sFRThDf2sAdmHmP3uEs27AUwn9p4aEjubDHLPZXWG05vP7g0Y7uzyBVYz+hsOnev
Jfgkatj5sSNz1OtejJ2R1StbNuyotf8hRneLZT4Kd1UXRmy11Hi6710f9CpIwnVr
mM6vLbw0B2KZsZQEn0pN+RJy5gb3cRazCphx0QZoSCExq6kzLF4D+OiODLaQL97O
PPjbBjkCgYEA3ynjpA4KLX6fSyMcgTIZnibPoIjzh+QT0GXQNVJk9gQSVXzsGEc5
Es42zVARaysD0fha7r5C1TbGywgx1gi5C/UUiMINlZ+upmjdmhGU0jD6HN+U6wgS
Q/2UNkZCEzBsxqUkwJWk2aurg/2Vmb92jlSZwhbIF93L0aBUr5vuowkCgYEA3DKx
z6SUSAgpCuDM6t9Ij1H+5uTTP88cJ7rFlH65lGVyKWejTtAEeC/KFL5uRiLxF0uV
FgUdVzEhJvUaZNLFdiZI4ppIHn6AWZCs1nC7ic2GsilxwnR7qa45n9P6Mh3VRsXy
6ANvtXEt+W7722yDKUbHbIgJEYAyH6f72utio78CgYAuwZULU1G4lHYFhRa8zuVl
KFaKGQeFKjkoiZxk/51dmh7JQIIq2AlSMlhzDdqIbJvBS1qp+L0B9RcThOUEJhG3
OqMRwC6ecbVi8keztwlKPK66i/GkiK1jB2cdM/02DghMWl9n5jKC1J/76I6GhwHs
8jbA3osPzQ2eHwx/Opl2GQKBgFy4S/8vQfEC3qVh+2d7FcajtD3tZLadszFXiBL7
OZGvFd8xcKajGP6ywNjzRuPpmrNAdEqNZMluOpN46eBCkDsr68zfQjb09X7BWMYD
OjTQgkNLCEflXJ0aa9FNJTEtNr1SZPIlYEh6m+1IOm0uyBv9XcPplEf2PyTtSzPn
oeVpAoGAFhsyuD0ZUQpj43bd1KMTCRVzBvbLdbsfTZH3i8sH9jaB+5k/m6Trl8cS
KGOcZrOMo9W/VNIU/rJuz/aoEDYaHQ9LPdbx9l7uBX9aFK9ga7/ZndCG0wcpZ4+/
GsPXMwLlZUpF2jKbQV+BL89leHvRR2C10XCES/elSscrrLih4SI=
-----END RSA PRIVATE KEY-----
)";

/// Its public part.
inline constexpr const char* kRsaPkcs1Public = R"(-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAv/Qw0GrXFUmwQhmJR/W1Ys/zkZPP9nb9+hDtsVe9Tp/Y4z9tCBG/
+HZUOU62V5DPAAVg8JG7+UnUgwWs8RvtEUlv6EStDdPm6ogZMu0mDeqNiniQlves
P2/AYoV0T9haMH18VGMt+dCaeQfqR1jqH1x0RON+cIKCH/+8kGfBF2zUHc/V/WoZ
26csv5N3GstyNy4TdSmtLC5PfxvBWDrZyMbppfzMXM5e9IUXUMHnqjeWV4tiQMzV
VQOYC+cdkrwLJlWIiIH2ww20ppu29LUfk6Nh0aA0+vOUUcZKtE/HNThFITXSSgac
xGWgfN0nw6/yAi8xtKA18EJQ2Gj79UxetwIDAQAB
-----END RSA PUBLIC KEY-----
)";

/// Likewise.
inline constexpr const char* kRsaSpki = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAv/Qw0GrXFUmwQhmJR/W1
Ys/zkZPP9nb9+hDtsVe9Tp/Y4z9tCBG/+HZUOU62V5DPAAVg8JG7+UnUgwWs8Rvt
EUlv6EStDdPm6ogZMu0mDeqNiniQlvesP2/AYoV0T9haMH18VGMt+dCaeQfqR1jq
H1x0RON+cIKCH/+8kGfBF2zUHc/V/WoZ26csv5N3GstyNy4TdSmtLC5PfxvBWDrZ
yMbppfzMXM5e9IUXUMHnqjeWV4tiQMzVVQOYC+cdkrwLJlWIiIH2ww20ppu29LUf
k6Nh0aA0+vOUUcZKtE/HNThFITXSSgacxGWgfN0nw6/yAi8xtKA18EJQ2Gj79Uxe
twIDAQAB
-----END PUBLIC KEY-----
)";

/// RFC 8017 §3.2, multi-prime.
inline constexpr const char* kRsaThreePrimes = R"(-----BEGIN PRIVATE KEY-----
MIIE8QIBADANBgkqhkiG9w0BAQEFAASCBNswggTXAgEBAoIBAQCTRw/gPu6v+EOd
684WkrvZYEIEu7rPtN0AvV0VZCPcIOeWuOZG7dY6tYmSkPbkifjzZjHzQF77hTDM
B+65X22fd5sdg5lumPRlmoVdMOxbsX5PvPvnNsU2+1HPN8shrLIMrexWjysTkngg
6P4kVUDWe7BydsPpbWtLuRVtHOp90mCqb7FdfALF64/Izjy20Qoax4WJl0crAr0k
tYRjey7utdBhQUMlfMIj1jpzf8V5VehP4spYhaPtqxhsvmuAyGpXRtV1W8kcXMNJ
I6iv90rDDj/YMIwDaX0Lhz7XdD+qY18gdNRQ2+c0Vj80aPUAisBq9o1DFFb/iDwb
YsjjiUpNAgMBAAECggEAM0QwTZH6ijy0ZNt5gLgRNcjhEj6696Rwrdo89b5HEVBO
7VNtrVELGqKoweE+YC17AFcZmiBVL96cLtmwCs0iHrmGwE5X8XzCzj9snxTxobV2
T5Fsal8dSABbqL3m64ioQi9YRm4UbM5PscDa69TjaGhiIrcO3i9LOaWDVtBiXjBg
iBVwO6L+QiC2Rn6VpBjecSbJPTRYlKSYEpWIlMl3DbaZ+/DPHjORcWuDRuLzsk0C
13VKDdkwjFPXhCxPv0Tqmsr+6GxLtcl7WtixcFBRZbMlgT4w6PpK8tXrLThEdHUM
H5iYGclvQc2vS5WPfJ8vxY+A9UnZv9coOnmG6/2FAQJWB+ArQt3zO5bZVP1tlU+4
FADUybx2i1yACy1QXyJDJ/QqbhSuhmlEXJFYNuYqlLB2IXRBtomlr8h9Ebck6ilY
nzZm6iX2gOxe0FuNgPUJ00vBGZavIi0CVgYl9X5Qi85+21FcQtDt504A3EAFQwNM
YpCJ76AbhFoURCe+1kQNAmoQR6DlYvJZ7VTtDcTSsL1u5IuJnWhiwitN47lV+t3s
2ElRANyHmvaqpEPTMEXZAlYDolwUNRtiqg+L+o4w0mKdSGzo0sDZOkwT3Es0OzlG
HJPfzEdk2vqixKcyXi/UAUHh2iXgt8/vN9MO87ZjH8U3YwFGl1IS2ABAoZ7AnVJ1
YIWw6ynR2QJWAONvS+dbrGUMT/9i8EnQSKc7LE0WV92ryHMGGz6eq12OU6fx0jeH
B8h+cTN0TszLzJ/Mg4pmW5kwkTE7e5/5qsRAicFw1KyqvD1mQHef3tDdl6dmrFEC
VgDMSqIJY4VzFnRW//8TDuh3qZR3V/k/Ui9Yhsn2c9jOn7pb/i9xlLiuJ7M9xvBp
WOOMU6mu1OYgv49iw1hxnASMSpuWtYYDz8a4/kh5yoo0S4MQIonyMIIBCjCCAQYC
VgMKo51Ebzz8+ORJVmQ17KimcVn4TUsKyF5QZs6pw0cn1wUJUVZBctjCG8kUBlM5
PErnssw7OJ00fZSqWsiVs4KxQZTIvv45h95Vaex9gafMitt/nEgJAlV1w3ktuIVI
3Xvpe598aGa5hbtNyqLm5pcdIe9vzZEdfW/NkPeyvmP6N6mZ1bsQlQXfNTOeYVml
brjlawWbXqMNnBWcpwZcPShrUrHp6YovbXD1Q/XBAlUXwV5+ZoYy5S8V/AUrvRCB
UNQCuW48EL8kG0PdR6gVZgobiyYoBMJs7CD/Dxz35qKnPFUCxjisZDzEfBDPlwnB
8zhr4HIwNzmopvafPek2RzckNkf5
-----END PRIVATE KEY-----
)";

inline constexpr const char* kRsa1024Spki = R"(-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4yXyUFbuMpr8yC3AtRKouoHpC
nDygj8EWzEmWLaGUyjdMaRBokcEdg7iqBYEZaf2MnEabmpV7v5ezEYmu9BNYs7F3
bfurZv+dxxgBaFEYUQoh9PdJFEPcSDvUhZRvifLZNstVAv4oo+C8z+dYdFWagwZt
+Q/kmw1lbey+kb+EuQIDAQAB
-----END PUBLIC KEY-----
)";

/// Restricted to PSS by its object identifier.
inline constexpr const char* kRsaPssSpki = R"(-----BEGIN PUBLIC KEY-----
MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAKq3ZzbJM3wghe0UPuOC0WmY
ySYANkQMIPitB8SSWpDCHf24yarZgyrOh2zkdiH1gqp3q1OiyKllXoi6Qj1NCHYx
oc6W3b3kMPihdHUf2irCbym4CvX+dJRK63aVD+gd1Uaga56fRzVAJsnDBGK8vVDq
bzrZVt8lyDX0X3Ms/31V0p14BGBU9XFLOlWX0J8vmyAG129MRj1bG5/AQRaqQ7Wx
JsuigbkegybnixIE17jHgwzjPYArOYkdQf23y2bQ1nx2kF0hA5LF0enNcvmcE6B+
6QWtG05RoarajB4YjIEEjgRgnnWWuYvyqigwK8LjqKSs1CLQ6RL6iIWXFpF3g7kC
AwEAAQ==
-----END PUBLIC KEY-----
)";

inline constexpr const char* kP224Spki = R"(-----BEGIN PUBLIC KEY-----
ME4wEAYHKoZIzj0CAQYFK4EEACEDOgAEoU3GHbew6H7v4P8Giu88/kPp58Pv4qIU
xLd+dd7Poj+DiNYBzhzNq/dPO2vuzH/tooC4Ds40gww=
-----END PUBLIC KEY-----
)";

/// PKCS#8 on a curve that is not ours.
inline constexpr const char* kP224Pkcs8 = R"(-----BEGIN PRIVATE KEY-----
MHgCAQAwEAYHKoZIzj0CAQYFK4EEACEEYTBfAgEBBBwb5pOr5Iqw9KwKu78dQ/Ef
by+oePxQshVrwfgDoTwDOgAED2xKMaryhJ2Pgmw3tNR9WNkPoXcbNAw/2dFd0BPD
++ILsX+DdlrzPmxCuL1ukh3wk0psF/KfFrk=
-----END PRIVATE KEY-----
)";

inline constexpr const char* kX25519Pkcs8 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIOC7gtqCQCFzjwYecs8QnO4RGotK9X/F+w+yrH8SsQlK
-----END PRIVATE KEY-----
)";

/// Its public part.
inline constexpr const char* kX25519Spki = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAAS8KdBHfiZNVQNJ1XnLgHz/LkBf4a2rve2lR6Rtx4Vg=
-----END PUBLIC KEY-----
)";

inline constexpr const char* kX448Pkcs8 = R"(-----BEGIN PRIVATE KEY-----
MEYCAQAwBQYDK2VvBDoEOEBY94bVvjxYBA2n1JnnjCqUm+Wx2/FiKkdRDfxRVdmC
968uopzCQpZnrQzwAfPZVD2fPVuI0T2L
-----END PRIVATE KEY-----
)";

/// Its public part.
inline constexpr const char* kX448Spki = R"(-----BEGIN PUBLIC KEY-----
MEIwBQYDK2VvAzkAeeCTExl56GF7XvmwT68OXi5W1Ix5AMGNoH2wyaPfSskP8Rqp
1OGbxcpYh9OlETyTJDfO94W0k+M=
-----END PUBLIC KEY-----
)";

/// RFC 8705 appendix A: a certificate over a P-256 key.
inline constexpr const char* kEcCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
)";

}  // namespace mintmark::crypto::samples
