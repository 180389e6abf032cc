import CMalloc
import Foundation

/// Gives memory back that a server has freed and keeps in pieces.
///
/// Blocks of many sizes come and go with every request, so that each peak finds other holes than the last one and the
/// heap's pages grow a little with each, although nothing is lost. Pages of free pieces are returned every few seconds,
/// and only when there is something to gain: returning them at each release would cost a sixth of a validator's time.
struct HeapKeeper: Sendable {
    private static let period = Duration.seconds(5)
    /// Resident bytes beyond those in use that are worth the work.
    ///
    /// glibc's own count of free bytes does not tell it: pages that went back still count as free, also when they are
    /// touched and freed again.
    private static let gainMin = 12 << 20
    /// Bytes at the heap's end that are kept.
    private static let pad = 4 << 20

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.period)
            let info = mallinfo2()
            guard let resident = Self.residentBytes() else { continue }
            if resident > Int(info.uordblks) + Int(info.hblkhd) + Self.gainMin { malloc_trim(Self.pad) }
        }
    }

    /// The process's own memory that is in RAM, bytes: without pages of files; nil when the system does not tell.
    private static func residentBytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let pages = text.split(separator: " ").compactMap { Int($0) }
        guard pages.count > 2 else { return nil }
        return (pages[1] - pages[2]) * sysconf(Int32(_SC_PAGESIZE))
    }
}
