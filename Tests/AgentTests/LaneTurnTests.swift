import Foundation
import Synchronization
import Testing

@testable import Agent

@Suite struct LaneTurnTests {
    @Test("a waveform goes at once while numerics rest", .timeLimit(.minutes(1)))
    func atRest() {
        let turn = LaneTurn()
        turn.giveWay(seconds: 0)
        turn.begin()
        turn.rest()
        // Longer than the test may take: only whoever waits for the time's end gets there too late.
        turn.giveWay(seconds: 600)
    }

    @Test("while numerics have work, a waveform waits for eight of their commits", .timeLimit(.minutes(1)))
    func weight() async {
        let turn = LaneTurn()
        let commits = Mutex(0)
        let commitsAtTurn = Mutex<Int?>(nil)
        turn.begin()
        await confirmation { confirm in
            let (ended, ending) = AsyncStream.makeStream(of: Void.self)
            Thread {
                turn.giveWay(seconds: 600)
                commitsAtTurn.withLock { $0 = commits.withLock { $0 } }
                ending.finish()
            }.start()
            while commitsAtTurn.withLock({ $0 == nil }) {
                commits.withLock { $0 += 1 }
                turn.committed()
                await Task.yield()
            }
            for await _ in ended {}
            confirm()
        }
        #expect(commitsAtTurn.withLock { $0 ?? 0 } >= 8)
    }

    @Test("numerics that cannot commit do not stop waveforms for ever", .timeLimit(.minutes(1)))
    func stuck() {
        let turn = LaneTurn()
        turn.begin()
        turn.giveWay(seconds: 0.01)
    }
}
