import Foundation
import Testing

@testable import PrivacyCenterStore

/// Figures, printed and not judged: `WARDLINE_BENCH=1 swift test -c release --filter StoreBench`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["WARDLINE_BENCH"] != nil))
struct StoreBench {
    @Test("appends per second of 2 KB envelopes, and scrubbed MB per second", arguments: Backend.allCases)
    func appends(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        var next: UInt64 = 0
        for (size, rounds) in [(1, 1_000), (64, 200), (256, 80)] as [(UInt64, UInt64)] {
            var spent = Duration.zero
            for _ in 0..<rounds {
                let batch = (next..<next + size).map { Sample.envelope($0, byteCount: 2_048) }
                next += size
                spent += try await ContinuousClock().measure { _ = try await test.store.append(batch) }
            }
            print("\(backend): batches of \(size): \(Int(Double(rounds * size) / spent.seconds)) appends/s")
        }
        try await self.measureScrub(backend, test)
        try await self.measureCallers(backend, test, from: next)
    }

    private func measureScrub(_ backend: Backend, _ test: TestStore) async throws {
        var megabytes = 0.0
        let spent = try await ContinuousClock().measure {
            let report = try await test.scrub()
            #expect(report.isClean)
            megabytes = Double(report.envelopeBytes) / 1e6
        }
        print("\(backend): scrub of \(Int(megabytes)) MB of envelopes: \(Int(megabytes / spent.seconds)) MB/s")
    }

    private func measureCallers(_ backend: Backend, _ test: TestStore, from first: UInt64) async throws {
        let appender = BatchingAppender(store: test.store)
        let envelopes = (first..<first + 8_000).map { Sample.envelope($0, byteCount: 2_048) }
        let spent = try await ContinuousClock().measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<200 {
                    group.addTask {
                        for index in stride(from: caller, to: envelopes.count, by: 200) {
                            _ = try await appender.append(envelopes[index])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        print("\(backend): 200 callers through the appender: \(Int(8_000 / spent.seconds)) appends/s")
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}
