internal import CanonicalBytes
package import Certificates
package import Credentials
internal import Foundation
internal import Pseudonyms
package import Uplink

/// Why a person did not get pseudonyms; what was begun stays in the wallet and is finished by the next attempt.
package enum PseudonymRequestError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The registration authority says no.
    case refused(String)
    /// It is not the one that was expected.
    case anotherAuthority(expected: String, found: String)
    /// An answer that does not hold.
    case invalid(String)
    /// The certificates have not come in time.
    case stillWaiting

    package var description: String {
        switch self {
        case .refused(let text): text
        case .anotherAuthority(let expected, let found):
            "the registration authority is \(found), not \(expected); check the address"
        case .invalid(let text): "the answer does not hold: \(text)"
        case .stillWaiting:
            "the certificates are still being issued; fetch them later with `wardline pseudonym fetch`"
        }
    }
}

/// Gets pseudonyms from a registration authority into a wallet.
///
/// The secrets are in the wallet before anything is sent, and the request is the same when it is sent again: whatever
/// fails on the way, no certificate is lost and none is issued twice.
package struct PseudonymRequester: Sendable {
    /// Certificates in one request.
    package static let countMax = SubmittedRequest.countMax
    /// Between two questions whether the certificates are there.
    private static let pause = Duration.milliseconds(250)

    private let wallet: PseudonymWallet
    private let identity: Identity
    private let authority: RegistrationClient
    private let issuers: [CertificateIssuer]
    /// Who must answer; nil: any registration authority.
    private let name: PartyName?

    /// - Parameters:
    ///   - wallet: takes the pseudonyms.
    ///   - identity: signs the requests.
    ///   - authority: is asked.
    ///   - name: the registration authority's; nil: whichever answers.
    ///   - issuers: authorities of pseudonyms that are trusted, of a genesis for example.
    package init(
        wallet: PseudonymWallet,
        identity: Identity,
        authority: RegistrationClient,
        name: PartyName? = nil,
        issuers: [CertificateIssuer]
    ) {
        self.wallet = wallet
        self.identity = identity
        self.authority = authority
        self.name = name
        self.issuers = issuers
    }

    /// Asks for pseudonyms and waits until they are in the wallet.
    ///
    /// - Parameters:
    ///   - count: 1 to ``countMax``.
    ///   - isForNextEpoch: for the epoch after the running one.
    ///   - seconds: to wait for the certificates.
    ///   - progress: gets a sentence about each step.
    /// - Returns: what came, in no particular order.
    /// - Throws: ``PseudonymRequestError``, `UplinkFailure`, `CredentialsError`.
    package func request(
        count: UInt32,
        isForNextEpoch: Bool = false,
        seconds: Int = 60,
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> [PseudonymCredential] {
        let status = try await self.authority.status()
        try self.requireName(status.name)
        let pending: PendingPseudonyms
        do throws(ProtocolFailure) {
            pending = try PendingPseudonyms(
                to: status.name,
                subject: self.identity.name.description,
                identity: self.identity.key,
                epoch: isForNextEpoch ? status.epoch + 1 : status.epoch,
                count: count
            )
        } catch { throw PseudonymRequestError.invalid("\(error)") }
        try self.wallet.begin(pending)
        return try await self.finish(pending, seconds: seconds, progress)
    }

    /// Finishes every request that was begun with this registration authority.
    ///
    /// - Returns: what came.
    /// - Throws: as ``request(count:isForNextEpoch:seconds:progress:)``.
    package func fetch(
        seconds: Int = 60,
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> [PseudonymCredential] {
        let name = try await self.authority.status().name
        try self.requireName(name)
        var credentials: [PseudonymCredential] = []
        for pending in try self.wallet.requests() where pending.authority.utf8.elementsEqual(name.utf8) {
            credentials += try await self.finish(pending, seconds: seconds, progress)
        }
        return credentials
    }

    private func requireName(_ name: String) throws {
        guard let expected = self.name, !name.utf8.elementsEqual(expected.description.utf8) else { return }
        throw PseudonymRequestError.anotherAuthority(expected: expected.description, found: name)
    }

    private func finish(
        _ pending: PendingPseudonyms,
        seconds: Int,
        _ progress: @Sendable (String) -> Void
    ) async throws -> [PseudonymCredential] {
        guard try await self.submit(pending) else { return [] }
        progress("asked for \(pending.request.count) pseudonyms of epoch \(pending.request.epoch)")
        guard let responses = try await self.responses(to: pending, seconds: seconds, progress) else { return [] }
        var credentials: [PseudonymCredential] = []
        do throws(ProtocolFailure) {
            let boxes = try BoxedResponses(bytes: responses).boxes
            try require(boxes.count == Int(pending.request.count), .format, "another number of certificates")
            for (index, box) in boxes.enumerated() {
                credentials.append(try pending.receive(box, index: UInt32(index), issuers: self.issuers))
            }
        } catch { throw PseudonymRequestError.invalid("\(error)") }
        for credential in credentials { try self.wallet.insert(credential) }
        try self.wallet.end(pending)
        progress("\(credentials.count) pseudonyms are in \(self.wallet.directory)")
        // The authority drops them now rather than when the epoch ends.
        try? await self.authority.confirm(pending.id)
        return credentials
    }

    /// Sends the request, again if need be.
    ///
    /// - Returns: false when its time is over, or it was refused for good: its secrets are forgotten.
    private func submit(_ pending: PendingPseudonyms) async throws -> Bool {
        let body = SubmittedRequest(request: pending.request, certificate: self.identity.certificate).bytes
        let failure: UplinkFailure
        do throws(UplinkFailure) {
            try await self.authority.submit(body)
            return true
        } catch { failure = error }
        guard case .refused(let status, let code, let detail, _) = failure, (400..<500).contains(status),
            ![408, 429].contains(status)
        else { throw failure }
        // Whatever was refused had no effect, and would be refused again.
        try self.wallet.end(pending)
        throw PseudonymRequestError.refused("the registration authority refuses (\(code)): \(detail)")
    }

    /// - Returns: nil when they are gone: the epoch is over, or another process fetched them.
    private func responses(
        to pending: PendingPseudonyms,
        seconds: Int,
        _ progress: @Sendable (String) -> Void
    ) async throws -> [UInt8]? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let failure: UplinkFailure
            do throws(UplinkFailure) { return try await self.authority.responses(pending.id) } catch { failure = error }
            guard case .refused(let status, let code, let detail, _) = failure else { throw failure }
            if status == 410 {
                try self.wallet.end(pending)
                progress("the request of epoch \(pending.request.epoch) is over: \(detail)")
                return nil
            }
            guard code == PseudonymityRefusal.Reason.notReady.rawValue else { throw failure }
            guard ContinuousClock.now < deadline else { throw PseudonymRequestError.stillWaiting }
            try await Task.sleep(for: Self.pause)
        }
    }
}
