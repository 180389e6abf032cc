import Glibc

/// The two streams of the program.
enum Output {
    static func print(_ text: String) { self.write(text, to: 1) }
    static func error(_ text: String) { self.write(text, to: 2) }

    private static func write(_ text: String, to file: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
