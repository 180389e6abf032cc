import AccessPolicies
import CanonicalBytes
import SecretSharing
import Testing

@testable import AttributeEncryption

/// An attribute authority with its public key.
struct Hospital {
    let authority: AttributeAuthority
    let publicKey: AttributePublicKey

    init(_ name: String = "hospital-a") throws {
        self.authority = AttributeAuthority(name: name)
        self.publicKey = try self.authority.publicKey()
    }

    func key(_ attributes: [String]) throws -> AttributeKey { try self.authority.issue(AttributeSet(attributes)) }

    func decryptor(_ attributes: [String]) throws -> AttributeDecryptor {
        AttributeDecryptor(try self.key(attributes), publicKey: self.publicKey)
    }

    func encapsulate(_ policy: String) throws -> AttributeEncapsulation {
        try self.publicKey.encapsulate(under: AccessPolicy(policy), associated: associated)
    }
}

/// What test ciphertexts are bound to.
let associated = [UInt8](repeating: 7, count: 32)

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try operation()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        Issue.record(error)
        return nil
    }
}

/// A copy in which one bit is the other way round.
func flipped(_ bytes: [UInt8], bit: Int) -> [UInt8] {
    var copy = bytes
    copy[bit / 8] ^= 1 << UInt8(bit % 8)
    return copy
}
