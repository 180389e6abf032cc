import AccessPolicies
import AttributeEncryption
import AttributeIssuing
import CanonicalBytes
import Certificates
import ChainReading
import ConsentTools
import Credentials
import EVMAdapter
import ProofFiles
import Uplink

/// Keys and secrets as files and on paper, and the words by which parties and their servers are named.
enum KeyFileTargets {
    static let all: [Target] = [
        // Pairings and points: each try costs milliseconds.
        Target.marked(
            "attribute-keys",
            weight: 2,
            family: .keyFiles,
            [
                ("WLAF", { (bytes) throws(ProtocolFailure) in try AttributeKeyFile(bytes: bytes).secretBytes() }),
                ("WLM1", { (bytes) throws(ProtocolFailure) in try AttributePublicKey(bytes: bytes).bytes }),
                ("WLA1", { (bytes) throws(ProtocolFailure) in try AttributeKey(bytes: bytes).secretBytes() }),
                ("WLX1", Self.ciphertext),
            ]
        ),
        Target.canonical("credential-file", weight: 3, family: .credentials) { (bytes) throws(ProtocolFailure) in
            try CredentialFile(bytes).encoded()
        },
        Target(name: "enrolment-token", weight: 3, family: .tokens) { _, payload, _ in Self.token(payload) },
        Target(name: "consent-card", weight: 2, family: .cards) { _, payload, _ in Self.card(payload) },
        Target(name: "party-name", weight: 3, family: .names) { _, payload, _ in Self.party(payload) },
        Target(name: "host-name", weight: 3, family: .names) { _, payload, _ in Self.host(payload) },
        Target(name: "url", weight: 3, family: .names) { _, payload, _ in Self.url(payload) },
    ]

    /// A policy and its leaves belong together, or it is refused before anything is decrypted.
    private static let ciphertext: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let ciphertext = try AttributeCiphertext(bytes: bytes)
        if let policy = try? ciphertext.policy(), !policy.text.utf8.elementsEqual(ciphertext.policyText.utf8) {
            return []
        }
        return bytes
    }

    /// The same token in another coat of blanks or padding is the same token.
    private static func token(_ payload: [UInt8]) -> Verdict {
        do throws(CredentialsError) {
            let token = try EnrollmentToken(text: payload)
            guard token.secret.count == 32, token.rootFingerprint.count == 32 else { return .broken("a short token") }
            let again = try EnrollmentToken(text: Array(token.text.utf8))
            let isSame = again.secret == token.secret && again.rootFingerprint == token.rootFingerprint
            return isSame ? .accepted : .broken("another token than was written")
        } catch {
            let words = "\(error)"
            // Nobody's token goes into a log because it lacks a character.
            return words.isEmpty || words.contains("wl1.") ? .broken("words: \(words)") : .refused("no token")
        }
    }

    private static func card(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let card = try ConsentCard(text: String(decoding: payload, as: UTF8.self))
            let again = try ConsentCard(text: card.text)
            let isSame = again.key.certificate == card.key.certificate && again.genesis == card.genesis
            return isSame ? .accepted : .broken("another card than was written")
        } catch { return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue) }
    }

    // MARK: - Names

    private static func party(_ payload: [UInt8]) -> Verdict {
        let text = String(decoding: payload, as: UTF8.self)
        guard let name = PartyName(text) else { return .refused("no party") }
        let bare = text.hasPrefix(PartyName.urnPrefix) ? String(text.dropFirst(PartyName.urnPrefix.count)) : text
        return name.description.utf8.elementsEqual(bare.utf8) && PartyName(name.description) == name
            ? .accepted : .broken("another name than was written")
    }

    /// A name comes back from its text, and no byte that ends a text for others is in it.
    private static func host(_ payload: [UInt8]) -> Verdict {
        guard let host = HostName(String(decoding: payload, as: UTF8.self)) else { return .refused("no host") }
        guard HostName(host.description) == host else { return .broken("another host than was written") }
        return payload.contains(0) ? .broken("a zero byte in a host's name") : .accepted
    }

    /// Credentials and fragments never get into an address, nor anything that ends a line of a request.
    private static func url(_ payload: [UInt8]) -> Verdict {
        let text = String(decoding: payload, as: UTF8.self)
        let found = [ServiceURL(text)?.description, NodeURL(text)?.description].compactMap { $0 }
        guard !found.isEmpty else { return .refused("no address") }
        for address in found {
            let isPlain = address.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            guard isPlain else { return .broken("a control character in an address") }
        }
        return .accepted
    }
}
