internal import Attesting
internal import Uplink

/// The attesters of a chain with an EVM, as far as addresses of them are known: collects their signatures for the broker.
final class EVMStatementPanel: Sendable {
    /// What asking ended with.
    struct Answers: Sendable {
        /// In no order; nobody has checked them.
        let signatures: [[UInt8]]
        /// Who did not sign, and why.
        let missing: [String]
    }

    private let clients: [AttesterClient]

    /// - Parameters:
    ///   - urls: addresses of the chain's verification nodes.
    ///   - client: presents the gateway's identity.
    init(_ urls: [ServiceURL], client: SecureClient) {
        self.clients = urls.map { AttesterClient(base: $0, client: client) }
    }

    /// Asks all of them; each signs the same statement again when it is asked again.
    func collect(_ question: EVMStatementQuestion) async -> Answers {
        let bytes = question.bytes
        let outcomes = await withTaskGroup(of: (String, Result<[UInt8], UplinkFailure>).self) { group in
            for client in self.clients {
                group.addTask { (client.base.description, await Self.ask(client, bytes)) }
            }
            var outcomes: [(String, Result<[UInt8], UplinkFailure>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        var signatures: [[UInt8]] = []
        var missing: [String] = []
        for (url, outcome) in outcomes {
            switch outcome {
            case .success(let signature): signatures.append(signature)
            case .failure(let failure): missing.append("\(url): \(failure)")
            }
        }
        return Answers(signatures: signatures, missing: missing.sorted())
    }

    private static func ask(_ client: AttesterClient, _ question: [UInt8]) async -> Result<[UInt8], UplinkFailure> {
        do throws(UplinkFailure) { return .success(try await client.attest(question)) } catch {
            return .failure(error)
        }
    }
}
