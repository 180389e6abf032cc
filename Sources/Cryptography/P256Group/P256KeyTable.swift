internal import COpenSSL

/// Multiples of one public key, so that multiplying it costs a seventh: 148 KiB, made in the time of some 800
/// verifications without it.
///
/// OpenSSL makes such a table of a group's generator; this is P-256 with the key for its generator.
package final class P256KeyTable: @unchecked Sendable {
    /// Memory of a table, bytes: 37 windows of 64 points.
    package static let byteCount = 37 * 64 * 64

    // Not changed after the initializer; OpenSSL lets threads share a group.
    private let group: OpaquePointer

    /// - Returns: nil where OpenSSL has no such tables.
    package init?(_ key: P256PublicKey) {
        guard let group = EC_GROUP_dup(Curve.group) else { return nil }
        let isMade = key.point.withHandle { point in
            EC_GROUP_set_generator(group, point, EC_GROUP_get0_order(Curve.group), BN_value_one()) == 1
                && wardline_precompute_generator(group) == 1
        }
        guard isMade else {
            ERR_clear_error()
            EC_GROUP_free(group)
            return nil
        }
        self.group = group
    }

    /// Sets `result`, a point of P-256, to a number that anybody may know times the key.
    ///
    /// - Returns: 1; 0 for exhausted memory.
    func multiply(into result: OpaquePointer, by number: OpaquePointer, _ context: OpaquePointer) -> Int32 {
        EC_POINT_mul(self.group, result, number, nil, nil, context)
    }

    deinit { EC_GROUP_free(self.group) }
}
