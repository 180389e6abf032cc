import CMalloc
import Foundation

/// Gives memory back that a server has freed and keeps in pieces.
///
/// Blocks of many sizes come and go with every request, so that each peak finds other holes than the last one and the
/// heap grows a little with each, although nothing is lost. Pages of free pieces are returned every few seconds, and only
/// when there is something to gain: returning them at each release would cost a sixth of a validator's time.
struct HeapKeeper: Sendable {
    private static let period = Duration.seconds(5)
    /// Free bytes that are worth the work.
    private static let gainMin = 16 << 20
    /// Bytes at the heap's end that are kept.
    private static let pad = 8 << 20

    /// Works until the task is cancelled.
    func run() async {
        // Free pieces whose pages went back already still count as free.
        var returned = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.period)
            let free = Int(mallinfo2().fordblks)
            guard free > returned + Self.gainMin else {
                returned = min(returned, free)
                continue
            }
            malloc_trim(Self.pad)
            returned = Int(mallinfo2().fordblks)
        }
    }
}
