import CanonicalBytes
import Certificates
import Foundation
import Hummingbird
import Testing

@testable import Attesting

/// The interface of a verification node of a chain with an EVM; its desks are tried by `scripts/alliances`.
@Suite struct EVMInterfaceTests {
    private typealias Object = [String: Any]

    private static let document = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/openapi/attester-evm.json")

    private func interface() -> AttestInterface {
        AttestInterface(
            questions: AttestInterface.Question.evm(hops: { $0 }, statements: { $0.reversed() }),
            document: EVMOpenAPIDocument.text,
            card: NodeCard(chain: "evm", node: "evm.v1", key: [UInt8](repeating: 1, count: 48)),
            metrics: AttestMetrics(),
            obstacles: { [] }
        )
    }

    @Test("the document that is served is the one in docs/openapi")
    func text() throws {
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        #expect(EVMOpenAPIDocument.text == text)
        #expect(text != OpenAPIDocument.text)
    }

    @Test("router and document have the same routes, answers and roles, in both directions")
    func routes() throws {
        let routes = self.interface().routes
        let parsed = try JSONSerialization.jsonObject(with: Data(EVMOpenAPIDocument.text.utf8))
        let document = try #require(parsed as? Object)
        let paths = try #require(document["paths"] as? [String: [String: Object]])
        var operations: [String: Object] = [:]
        for (path, methods) in paths {
            for (method, operation) in methods { operations["\(method.uppercased()) \(path)"] = operation }
        }
        #expect(Set(routes.map { "\($0.method.rawValue) \($0.path)" }) == Set(operations.keys))
        #expect(operations["POST /v1/statements"] != nil)
        for route in routes {
            let operation = try #require(operations["\(route.method.rawValue) \(route.path)"])
            let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
            #expect(Set(statuses) == route.statuses.union(AttestRoute.commonStatuses), "\(route.path)")
            let roles = try #require(operation["x-roles"] as? [String])
            #expect(Set(roles) == Set(route.roles.map(\.rawValue)), "\(route.path)")
        }
    }

    @Test("each question goes to its own desk, and may be as long as the longest that there is")
    func questions() async throws {
        let questions = self.interface().questions
        #expect(questions.map(\.path) == ["/v1/hops", "/v1/statements"])
        #expect(questions.map(\.bytesMax) == [EVMHopQuestion.bytesMax, EVMStatementQuestion.bytesMax])
        let answers = [try await questions[0].sign([1, 2]), try await questions[1].sign([1, 2])]
        #expect(answers == [[1, 2], [2, 1]])
    }
}
