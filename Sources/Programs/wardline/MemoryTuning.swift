import CMalloc

/// How glibc keeps freed memory.
enum MemoryTuning {
    /// Keeps glibc from spreading a small program over many arenas and from hoarding freed memory.
    static func apply() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
        mallopt(M_MMAP_THRESHOLD, 256 << 10)
    }

    /// Keeps some freed memory: a server takes and frees blocks of hundreds of kilobytes all the time, and pages that
    /// go back to the system have to be cleared again when they return (a sixth of a validator's processor time).
    ///
    /// One arena, because only the first grows in steps of `M_TOP_PAD`; the others ask the system for every page.
    static func applyForServers() {
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_TRIM_THRESHOLD, 128 << 20)
        mallopt(M_TOP_PAD, 16 << 20)
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
    }
}
