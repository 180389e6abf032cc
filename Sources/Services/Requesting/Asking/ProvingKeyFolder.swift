package import AccessPolicies
internal import CanonicalBytes
package import Contracts
internal import Credentials
internal import Foundation
internal import Groth16
package import ProofFiles
internal import Synchronization

/// The proving keys of ceremonies in a folder: in it, or each in a folder of its own below.
///
/// A key is read once. Where `keys.json` of the ceremony stands beside it with the key's digest, the points' subgroups are
/// not checked one by one: whoever chose the folder vouches for it. There a copy is kept that is read faster.
package final class ProvingKeyFolder: Sendable {
    private let directory: String
    private let provers = Mutex<[[UInt8]: PolicyProver]>([:])

    package init(_ directory: String) { self.directory = directory }

    /// Makes proofs for a registered circuit.
    ///
    /// - Throws: ``ShareTrouble`` when no key of the folder is the circuit's.
    package func prover(of circuit: CircuitRegistration, policy: AccessPolicy) throws -> PolicyProver {
        let digest = try circuit.verificationKey().digest
        if let known = self.provers.withLock({ $0[digest] }) { return known }
        for folder in [self.directory] + self.foldersBelow {
            guard let key = try Self.key(in: folder, of: digest) else { continue }
            let prover = try PolicyProver(key, ProofCircuit(ofKey: key.systemDigest, policy: policy))
            self.provers.withLock { $0[digest] = prover }
            return prover
        }
        throw ShareTrouble(
            .request,
            isWaiting: false,
            code: "another-circuit",
            "\(self.directory) has no proving key of the policy's circuit"
        )
    }

    private var foldersBelow: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.directory)) ?? []
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\(self.directory)/\($0)" }
    }

    /// The folder's key, if it is the one of a verification key.
    private static func key(in folder: String, of verificationKey: [UInt8]) throws -> ProvingKey? {
        let path = "\(folder)/\(CeremonyKeys.provingKeyFile)"
        guard PrivateFile.exists(path) else { return nil }
        let known = Self.digest(in: folder)
        if let known,
            let copy = ExpandedProvingKey.read(in: folder, of: known, verificationKey: verificationKey)
        {
            return copy
        }
        let bytes = try PrivateFile.read(path, upTo: ProvingKeyHeader.bytesMax, isSecret: false)
        guard let header = try? ProvingKeyHeader(bytes), header.verificationKey.digest == verificationKey else {
            return nil
        }
        let trust = known.map { ProvingKeyTrust.digest($0) } ?? .pointChecks
        let key = try FileFailure.naming(path) { try ProvingKey(bytes, trust) }
        if let known, header.isCompressed { ExpandedProvingKey.write(key, of: known, to: folder) }
        return key
    }

    /// The key's digest, as the ceremony noted it beside the key.
    private static func digest(in folder: String) -> [UInt8]? {
        struct Summary: Decodable {
            let proving_key: String
        }
        let path = "\(folder)/\(CeremonyKeys.summaryFile)"
        guard let bytes = try? PrivateFile.read(path, upTo: 1 << 16, isSecret: false),
            let summary = try? JSONDecoder().decode(Summary.self, from: Data(bytes))
        else { return nil }
        return [UInt8](hex: summary.proving_key)
    }
}
