package import Certificates
package import Credentials

/// Decides whether the other end of a connection is the validator that it should be.
package struct Admission: Sendable {
    /// What this validator says about itself.
    package let own: PeerHello
    private let revocations: (any RevocationSource)?

    /// - Parameters:
    ///   - own: this validator's hello.
    ///   - revocations: certificates by their X.509 fingerprint; nil when none can be revoked.
    package init(own: PeerHello, revocations: (any RevocationSource)?) {
        self.own = own
        self.revocations = revocations
    }

    /// Checks a hello against the certificate of its connection and the committee.
    ///
    /// - Parameters:
    ///   - hello: what the other end said.
    ///   - identity: its verified certificate.
    ///   - dialed: whom this validator dialed; nil for a connection that it accepted.
    ///   - name: the party that has the hello's number in the committee; nil when nobody has.
    ///   - now: seconds since 1970.
    /// - Returns: the first reason to refuse it; nil to let it in.
    package func refusal(
        of hello: PeerHello,
        by identity: PeerIdentity,
        dialed: UInt16? = nil,
        expecting name: PartyName?,
        at now: UInt64
    ) -> PeerRefusal? {
        if hello.version != self.own.version { return .version }
        if hello.chain != self.own.chain { return .chain }
        if hello.genesis != self.own.genesis { return .genesis }
        if hello.number == self.own.number { return .ownNumber }
        if identity.name.role != .validator { return .role }
        if let dialed, hello.number != dialed { return .otherNumber }
        guard let name else { return .unknownNumber }
        if identity.name != name { return .otherName }
        return self.refusal(of: identity, at: now)
    }

    /// Checks a certificate again while its connection is open.
    package func refusal(of identity: PeerIdentity, at now: UInt64) -> PeerRefusal? {
        if self.revocations?.contains(identity.fingerprint) == true { return .revoked }
        return now > identity.notAfter ? .expired : nil
    }
}
