import CanonicalBytes
import Foundation
import Glibc
import PrivacyCenterStore
import Records
import SecureHTTP
import Testing

@testable import PrivacyCenter

@Suite struct RobustnessTests {
    @Test("Bodies beyond what may be in memory are answered 503 and leave nothing behind")
    func bodyBudget() async throws {
        try await TestSite.with(adjust: { $0.bodyBytesHeldMax = 8_000 }) { site in
            _ = try await site.putCertificate(site.gateway)
            let large = try await site.put([UInt8](repeating: 1, count: 5_000))
            #expect(large.status == 503)
            #expect(large.code == "busy")
            // Each of these fits alone; bytes that were not released would soon refuse them.
            for sequence in 1...20 { #expect(try await site.put(site.envelope(UInt64(sequence))).status == 201) }
        }
    }

    @Test("Connections that never speak TLS do not keep others from being served")
    func silentConnections() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let silent = (0..<100).map { _ in Self.connect(to: site.port) }
            defer { for descriptor in silent { close(descriptor) } }
            #expect(silent.allSatisfy { $0 >= 0 })
            for sequence in 1...10 { #expect(try await site.put(site.envelope(UInt64(sequence))).status == 201) }
        }
    }

    @Test("A cache keeps what is used and never more than its bound")
    func boundedCache() {
        let cache = BoundedCache<Int>(entriesMax: 10)
        let hot = Digest.sha256(of: [255, 255])
        cache.insert(-1, for: hot)
        for number in 0..<1_000 {
            cache.insert(number, for: Digest.sha256(of: [UInt8(number % 251), UInt8(number / 251)]))
            #expect(cache[hot] == -1)
            #expect(cache.count <= 10)
        }
    }

    @Test("A sealed share opens for its own grant and index only, and every flipped bit is refused")
    func shareVault() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "vault-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let vault = try ShareVault(directory: directory)
        let grant = Digest.sha256(of: [1])
        let share = [UInt8](repeating: 42, count: 32)
        let sealed = vault.seal(.init(singleControl: [1, 2], share: share), grant: grant, index: 3)
        let again = try ShareVault(directory: directory).open(sealed, grant: grant, index: 3)
        #expect(again.share == share)
        #expect(again.singleControl == [1, 2])
        #expect(throws: ProtocolFailure.self) { try vault.open(sealed, grant: grant, index: 4) }
        #expect(throws: ProtocolFailure.self) { try vault.open(sealed, grant: Digest.sha256(of: [2]), index: 3) }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: ProtocolFailure.self) { try vault.open(changed, grant: grant, index: 3) }
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(ShareVault.fileName)")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("More verifications than may wait are refused as busy")
    func verificationBound() async throws {
        let threads = VerificationThreads(count: 1, waitingMax: 2)
        let gate = DispatchSemaphore(value: 0)
        async let first: Void = threads.run { gate.wait() }
        async let second: Void = threads.run { gate.wait() }
        while threads.admittedCount < 2 { await Task.yield() }
        await #expect(throws: CenterRefusal.refused(.busy, "too many verifications wait; try again later")) {
            try await threads.run {}
        }
        gate.signal()
        gate.signal()
        _ = try await (first, second)
        try await threads.run {}
        await threads.stop()
    }

    /// A TCP connection on which nothing is sent.
    private static func connect(to port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? descriptor : -1
    }
}
