import CanonicalBytes
import Credentials
import PathProofs
import SecureHTTP
import Synchronization
import TestIdentities
import TestIslands
import Testing
import ThresholdSignatures

@testable import Attesting
@testable import Gateway

extension Sea {
    /// Starts, in the place of a stopped verification node, one with its keys that signs whatever it is asked.
    func startLazyAttester(_ name: String) async throws {
        let chain = try #require(name.split(separator: ".").first.map(String.init))
        let signer = try #require(try self.nodes(chain).nodes.first { $0.name == name }).signer
        let question = AttestInterface.Question.hops(upTo: HopQuestion.bytesMax) { bytes in
            let question = try HopQuestion(bytes: bytes)
            return try signer.sign(question.record.signedBytes(of: question.path.message)).encoded
        }
        let interface = AttestInterface(
            questions: [question],
            document: "{}",
            card: NodeCard(chain: chain, node: name, key: signer.publicKey.encoded),
            metrics: AttestMetrics(),
            obstacles: { [] }
        )
        let server = try SecureHTTPServer(
            name: "wardline",
            address: "127.0.0.1",
            port: self.port(of: name),
            identity: try self.authority.enroll("north:relay:\(name)"),
            clientCertificates: .required,
            circle: .allies,
            router: interface.router(),
            logger: Self.logger
        )
        let running = RunningService(server)
        let url = "https://localhost:\(try await server.port())"
        self.attesters.withLock { $0[name] = (running, url) }
    }
}
