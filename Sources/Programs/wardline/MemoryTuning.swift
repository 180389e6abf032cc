import CMalloc

/// Keeps glibc from spreading a small program over many arenas and from hoarding freed memory.
enum MemoryTuning {
    static func apply() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
        mallopt(M_MMAP_THRESHOLD, 256 << 10)
    }
}
