//! `route(path)`: the route that a path belongs to, so that `/users/7?x=1` and `/users/8` are one.
//!
//! Owns what of a path differs from request to request: the query, and the steps that are ids.

/// A path without its query and fragment, each step that is an id as `{}`. What stands before the first `/` (a scheme and a host,
/// a method) stays.
pub fn route(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let (before, path) = match path.find("://") {
        Some(at) => path.split_at(path[at + 3..].find('/').map_or(path.len(), |slash| at + 3 + slash)),
        None => path.split_at(path.find('/').unwrap_or(0)),
    };
    let mut route = before.to_owned();
    for (at, step) in path.split('/').enumerate() {
        if at > 0 {
            route.push('/');
        }
        // What stands behind a semicolon belongs to the request: `;jsessionid=…`.
        let step = step.split(';').next().unwrap_or_default();
        route.push_str(if is_id(step) { "{}" } else { step });
    }
    if route.len() > before.len() + 1 && route.ends_with('/') {
        route.pop();
    }
    route
}

/// Whether a step names one thing among many: a number, a UUID, a digest, a long token. `v2` and `sha256` do not.
fn is_id(step: &str) -> bool {
    let digits = step.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let letters = step.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_hexadecimal = step.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_plain = step.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~:,+=%@".contains(&byte));
    let is_number = letters == 0;
    is_plain
        && (is_number
            || (is_hexadecimal && step.len() >= 8)
            || (step.len() >= 6 && digits * 2 > step.len())
            || step.len() >= 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_cut_and_ids_folded() {
        for (path, expected) in [
            ("/a?x=1", "/a"),
            ("/a?x=2#y", "/a"),
            ("/users/123", "/users/{}"),
            ("/users/123/orders/550e8400-e29b-41d4-a716-446655440000", "/users/{}/orders/{}"),
            ("/api/v2/blobs/deadbeef0", "/api/v2/blobs/{}"),
            ("/api/v1/items/", "/api/v1/items"),
            ("/order-20260305/x", "/{}/x"),
            ("/p;jsessionid=7/q", "/p/q"),
            ("https://h:8443/users/7?x", "https://h:8443/users/{}"),
            ("http://h", "http://h"),
            ("GET /a/7", "GET /a/{}"),
            ("/", "/"),
            ("", ""),
            ("/login/sha256", "/login/sha256"),
            ("/t/eyJhbGciOiJIUzI1NiJ9abc", "/t/{}"),
        ] {
            assert_eq!(route(path), expected, "{path}");
        }
    }
}
