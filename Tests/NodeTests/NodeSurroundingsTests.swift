import Foundation
import FreePorts
import SecureHTTP
import Testing

@testable import Node

@Suite struct NodeSurroundingsTests {
    private static let everything = """
        version: 1
        development: true
        custodian:
          identity: /i/custodian
          directory: /d/custodian
          privacy_centers: ['https://one:7402', 'https://[::1]:7402']
          chain: {genesis: g, validators: ['https://v1:7401', 'https://v2:7401']}
        privacy_center:
          identity: /i/center
          store: {sqlite: /d/center}
          chain: {genesis: g, validators: ['https://v2:7401', 'https://v3']}
        dashboard: {identity: /i/custodian, directory: /d/tokens}
        """

    @Test("Directories, identities and neighbours are those that the sections name, each once")
    func places() throws {
        let configuration = try NodeConfiguration(parsing: Self.everything, file: "node.yaml")
        #expect(configuration.dataDirectories.map(\.directory) == ["/d/custodian", "/d/center"])
        #expect(configuration.identityDirectories.map(\.field) == ["custodian.identity", "privacy_center.identity"])
        let neighbours = configuration.neighbours.map { "\($0.field) \($0.host) \($0.port)" }
        #expect(
            neighbours == [
                "custodian.privacy_centers one 7402", "custodian.privacy_centers ::1 7402", "custodian.chain v1 7401",
                "custodian.chain v2 7401", "privacy_center.chain v3 443",
            ]
        )
    }

    @Test(
        "A disk is short below a tenth, or below what lasts",
        arguments: [(UInt64(99) << 30, false), (101 << 30, true), (400 << 20, false), (0, false)]
    )
    func disk(_ free: UInt64, _ isEnough: Bool) {
        let room = DiskRoom(freeBytes: free, sizeBytes: 1_000 << 30)
        #expect((NodeSurroundings.disk("/d", "field", room) == nil) == isEnough)
        #expect(NodeSurroundings.disk("/d", "field", nil) == nil)
    }

    @Test("A clock is compared with the authority's, which is read between two looks at the own")
    func clock() {
        func problem(_ time: UInt64) -> String? {
            NodeSurroundings.clock(time, between: 1_000, and: 1_005, "https://ca")
        }
        for time in [990, 1_000, 1_003, 1_015] as [UInt64] { #expect(problem(time) == nil) }
        #expect(problem(989)?.contains("11 s ahead") == true)
        #expect(problem(1_016)?.contains("11 s behind") == true)
    }

    @Test("What listens answers; what does not is said with the reason")
    func probe() async throws {
        let listener = try ListeningSocket()
        #expect(await TCPProbe.failure(host: "127.0.0.1", port: listener.port) == nil)
        let port = listener.port
        listener.close()
        #expect(await TCPProbe.failure(host: "127.0.0.1", port: port) == "Connection refused")
        #expect(await TCPProbe.failure(host: "no-such-host.invalid", port: 1)?.isEmpty == false)
    }

    @Test("A thorough check names neighbours that do not answer, with the section that names them")
    func neighbours() async throws {
        let listener = try ListeningSocket()
        let port = listener.port
        listener.close()
        let text = """
            version: 1
            custodian:
              identity: /nowhere/identity
              directory: /nowhere/state
              privacy_centers: ['https://127.0.0.1:\(port)']
            """
        let configuration = try NodeConfiguration(parsing: text, file: "node.yaml")
        let problems = await NodeSurroundings.problems(of: configuration)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("custodian.privacy_centers: 127.0.0.1:\(port) does not answer") == true)
    }
}

/// A socket on loopback that listens.
final class ListeningSocket {
    let port: Int
    private let descriptor: Int32

    init() throws {
        self.port = try FreePorts.one()
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(self.port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(self.descriptor, 1) == 0 else { throw CancellationError() }
    }

    /// Nobody is answered any more, even if a program that another test started has the socket too.
    func close() {
        shutdown(self.descriptor, Int32(SHUT_RDWR))
        _ = Glibc.close(self.descriptor)
    }
}
