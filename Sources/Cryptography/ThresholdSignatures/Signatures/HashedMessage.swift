internal import BLS12381

/// A message as signatures see it: hashed to G2, which takes a third of the time of signing it.
///
/// Whoever signs a message and checks others' signatures of it hashes it once.
package struct HashedMessage: Sendable {
    let point: G2Point

    /// Hashes a message, which should be `T(DST(tag), …)`: the suite has one domain for all of them.
    package init(_ message: [UInt8]) { self.point = SignatureSuite.hash(message) }
}
