import Glibc

/// Unbuffered output, so that what was written before an abnormal end is seen.
enum Output {
    static func print(_ text: String) { self.write(text, to: STDOUT_FILENO) }
    static func error(_ text: String) { self.write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
