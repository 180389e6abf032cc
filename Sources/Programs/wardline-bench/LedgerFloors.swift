import ArgumentParser
import Consensus
import Foundation
import Glibc
import Ledger
import P256Group

/// Measures what no chain of signed transactions can do without: signatures, the disk and the loopback network.
struct LedgerFloors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger-floors",
        abstract: "Time the floors of a chain on this machine; one line of JSON, microseconds.",
        discussion: """
            Signatures are timed by the processor that the thread had, the best and the median of the rounds; the disk \
            and the network by the clock.
            """
    )

    @Option(help: "On the disk to be measured.", completion: .directory)
    var directory = ".build"

    @Option(help: "Rounds of signatures; calls of disk and network are 100 times as many.")
    var rounds = 9

    func validate() throws {
        guard (1...1_000).contains(self.rounds) else { throw ValidationError("--rounds must be 1 to 1000") }
    }

    func run() throws {
        var rows: [(String, [Double])] = try self.signatures()
        rows.append(("fdatasync_4k", try DiskFloor(directory: self.directory).times(self.rounds * 100)))
        rows.append(("loopback_64", try LoopbackFloor.times(self.rounds * 100)))
        let parts = rows.map { name, times in
            let sorted = times.sorted()
            return String(
                format: #""%@":{"best":%.3f,"median":%.3f,"p99":%.3f}"#,
                name,
                sorted[0],
                sorted[sorted.count / 2],
                sorted[(sorted.count - 1) * 99 / 100]
            )
        }
        print("{\(parts.joined(separator: ","))}")
    }

    private func signatures() throws -> [(String, [Double])] {
        var scene = try LedgerScene(gateways: 1)
        let transaction = try scene.anchor(time: LedgerClock.start)
        _ = try scene.verifier.verify(transaction)
        guard case .identity(_, let signature) = transaction.authorization,
            let signer = Ed25519Signer(
                votingSeed: [UInt8](repeating: 1, count: 32),
                shareSeed: [UInt8](repeating: 2, count: 32)
            )
        else { throw LedgerBenchFailure("no signature to check") }
        let key = P256KeyPair.generate()
        let message = transaction.body.bytes
        let own = try Schnorr.sign(key, context: Transaction.signatureContext, message: message)
        let vote = [UInt8](repeating: 7, count: 120)
        let (voted, member) = (signer.sign(vote), signer.member(ReplicaID(1)))
        var rows: [(String, [Double])] = [
            "p256_sign", "p256_verify", "transaction_verify", "ed25519_sign", "ed25519_verify",
        ]
        .map { ($0, []) }
        for _ in 0..<self.rounds {
            rows[0].1.append(try self.time { _ = try Schnorr.sign(key, context: "TX", message: message) })
            rows[1].1.append(
                try self.time {
                    try Schnorr.verify(
                        key.publicKey,
                        context: Transaction.signatureContext,
                        message: message,
                        signature: own
                    )
                }
            )
            rows[2].1.append(try self.time { _ = try scene.verifier.verify(transaction) })
            rows[3].1.append(self.time { _ = signer.sign(vote) })
            rows[4].1.append(self.time { _ = Ed25519Scheme().verify(voted, of: vote, by: member) })
        }
        guard signature.count == own.count else { throw LedgerBenchFailure("signatures of different lengths") }
        return rows
    }

    private func time(_ work: () throws -> Void) rethrows -> Double {
        let started = CPUTime.now
        for _ in 0..<50 { try work() }
        return (CPUTime.now - started) / 50
    }
}

/// Makes 4 KiB durable at the end of a file whose room is reserved.
private struct DiskFloor {
    let directory: String

    func times(_ count: Int) throws -> [Double] {
        let path = "\(self.directory)/floor-\(UUID().uuidString)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerBenchFailure("cannot write \(path)") }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 1, count: 4_096)
        guard posix_fallocate(descriptor, 0, off_t(count * page.count)) == 0 else {
            throw LedgerBenchFailure("no room for \(path)")
        }
        return try (0..<count).map { number in
            let started = ContinuousClock.now
            guard pwrite(descriptor, page, page.count, off_t(number * page.count)) == page.count,
                fdatasync(descriptor) == 0
            else { throw LedgerBenchFailure("cannot write \(path)") }
            return (ContinuousClock.now - started).inMicroseconds
        }
    }
}

/// Sends 64 bytes to another thread and back, by TCP over loopback.
private enum LoopbackFloor {
    private static let bytes = 64

    static func times(_ count: Int) throws -> [Double] {
        let (near, far) = try self.connection()
        let echo = Thread {
            var buffer = [UInt8](repeating: 0, count: Self.bytes)
            while Self.read(far, &buffer), Self.write(far, buffer) {}
            close(far)
        }
        echo.start()
        defer { close(near) }
        var buffer = [UInt8](repeating: 5, count: Self.bytes)
        return try (0..<count).map { _ in
            let started = ContinuousClock.now
            guard self.write(near, buffer), self.read(near, &buffer) else { throw LedgerBenchFailure("no loopback") }
            return (ContinuousClock.now - started).inMicroseconds
        }
    }

    private static func connection() throws -> (near: Int32, far: Int32) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let near = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, generic, &length) == 0 && connect(near, generic, length) == 0
            }
        }
        let far = isConnected ? accept(listener, nil, nil) : -1
        guard far >= 0 else { throw LedgerBenchFailure("no loopback") }
        for descriptor in [near, far] {
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        return (near, far)
    }

    private static func write(_ descriptor: Int32, _ buffer: [UInt8]) -> Bool {
        Glibc.write(descriptor, buffer, buffer.count) == buffer.count
    }

    private static func read(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Bool {
        recv(descriptor, &buffer, buffer.count, Int32(MSG_WAITALL)) == buffer.count
    }
}

extension Duration {
    /// This duration in microseconds.
    var inMicroseconds: Double {
        Double(self.components.seconds) * 1e6 + Double(self.components.attoseconds) / 1e12
    }
}
