import Glibc

/// Allocates as the agent does: what glibc keeps of freed memory must not look like growth.
enum MemoryTuning {
    private typealias Option = @convention(c) (Int32, Int32) -> Int32

    /// Two arenas, 1 MiB kept at the top of the heap, mappings of their own from 256 KiB.
    static func apply() {
        // <malloc.h> is no part of the Glibc module, nor are its constants: M_ARENA_MAX, M_TRIM_THRESHOLD,
        // M_MMAP_THRESHOLD.
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(symbol, to: Option.self)
        for (option, value) in [(-8, 2), (-1, 1 << 20), (-3, 256 << 10)] as [(Int32, Int32)] {
            _ = mallopt(option, value)
        }
    }
}
