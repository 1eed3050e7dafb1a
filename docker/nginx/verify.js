// Verifies the bearer token of a request, for auth_request: 204 with the subject and the scope, or 401. ES256 alone: the
// algorithm is fixed here and never read from a token (RFC 8725 §3.1). For njs 0.7.9, of Debian 12, and newer.
//
// It cannot know that a token has been revoked: a token is good until its `exp`, so give the API a short `lifetime`.

const MAX_TOKEN = 8192;
const CLOCK_SKEW = 10;
// SubjectPublicKeyInfo of a P-256 key (RFC 5480), up to its two coordinates.
const SPKI_PREFIX = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';

function refuse(why) {
    return { refused: why };
}

function bearer_token(r) {
    const match = /^Bearer +([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/i.exec(r.headersIn['Authorization'] || '');
    return match && match[0].length <= MAX_TOKEN ? match.slice(1) : null;
}

function parse(part) {
    try {
        const value = JSON.parse(Buffer.from(part, 'base64url').toString());
        return value !== null && typeof value === 'object' ? value : {};
    } catch (problem) {
        return {};
    }
}

async function find_key(url, kid) {
    const answer = await ngx.fetch(url);
    if (answer.status !== 200) throw new Error('the key set is answered with ' + answer.status);
    const text = await answer.text();
    return JSON.parse(text).keys.find((key) => key.kid === kid && key.kty === 'EC' && key.crv === 'P-256' && key.use === 'sig');
}

async function is_signed(key, signed, signature) {
    const spki = Buffer.concat([Buffer.from(SPKI_PREFIX, 'hex'), Buffer.from(key.x, 'base64url'),
        Buffer.from(key.y, 'base64url')]);
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const imported = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
    return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, signature, Buffer.from(signed));
}

async function check(r) {
    const parts = bearer_token(r);
    if (parts === null) return refuse('no bearer token');
    const header = parse(parts[0]);
    if (header.alg !== 'ES256' || header.typ !== 'at+jwt' || 'crit' in header) return refuse('another kind of token');
    const key = await find_key(r.variables.mintmark_jwks, header.kid);
    if (key === undefined) return refuse('an unknown key');
    const signature = Buffer.from(parts[2], 'base64url');
    if (signature.length !== 64) return refuse('a bad signature');
    const signed = await is_signed(key, parts[0] + '.' + parts[1], signature);
    if (!signed) return refuse('a bad signature');

    const claims = parse(parts[1]);
    const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
    if (claims.iss !== r.variables.mintmark_issuer) return refuse('another issuer');
    if (!audiences.includes(r.variables.mintmark_audience)) return refuse('another audience');
    if (typeof claims.exp !== 'number' || claims.exp <= Date.now() / 1000 - CLOCK_SKEW) return refuse('expired');
    return claims;
}

async function verify(r) {
    let claims;
    try {
        claims = await check(r);
    } catch (problem) {
        r.error('mintmark: a token cannot be verified: ' + problem.message);
        r.return(500);
        return;
    }
    if (claims.refused) {
        r.log('mintmark: refused: ' + claims.refused);
        r.headersOut['X-Token-Challenge'] = r.headersIn['Authorization'] ? 'Bearer error="invalid_token"' : 'Bearer';
        r.return(401);
        return;
    }
    r.headersOut['X-Token-Subject'] = encodeURIComponent(claims.sub);
    r.headersOut['X-Token-Scope'] = encodeURIComponent(claims.scope || '').replace(/%20/g, ' ').replace(/%3A/g, ':');
    r.return(204);
}

export default { verify };
