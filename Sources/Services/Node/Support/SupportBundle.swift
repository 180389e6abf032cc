internal import Foundation

/// One `.tar.gz` of mode 0600 with what somebody who helps needs to see, and nothing that names a patient.
///
/// Texts are added as they are: whoever adds one has it from a ``Redactor``, or from the system's own figures.
package struct SupportBundle {
    /// Why there is no bundle.
    package enum Failure: Error, CustomStringConvertible {
        case exists(String)
        case unwritable(String, reason: String)
        case tar(code: Int32)

        package var description: String {
            switch self {
            case .exists(let path): "\(path) exists; name a new file"
            case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
            case .tar(let code):
                "tar ended with code \(code); is it installed, and is there room in the temporary directory?"
            }
        }
    }

    /// The folder inside.
    static let folder = "wardline-support"

    private var entries: [(name: String, text: String)] = []

    package init() {}

    /// What is inside, in the order in which it was added.
    package var names: [String] { self.entries.map(\.name) }

    /// - Parameters:
    ///   - name: a file's name, without a folder.
    ///   - text: its content.
    package mutating func add(_ name: String, _ text: String) { self.entries.append((name, text)) }

    /// Writes the bundle.
    ///
    /// - Parameter path: a file that does not exist.
    /// - Throws: ``Failure``; then nothing is left at `path`.
    package func write(to path: String) throws(Failure) {
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            throw errno == EEXIST ? .exists(path) : .unwritable(path, reason: String(cString: strerror(errno)))
        }
        let handle = FileHandle(fileDescriptor: output, closeOnDealloc: true)
        do {
            try self.pack(into: handle)
        } catch let failure as Failure {
            unlink(path)
            throw failure
        } catch {
            unlink(path)
            throw .unwritable(path, reason: "\(error)")
        }
    }

    private func pack(into output: FileHandle) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "wardline-support-\(UUID())").path
        let private700 = [FileAttributeKey.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            atPath: "\(directory)/\(Self.folder)",
            withIntermediateDirectories: true,
            attributes: private700
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for entry in self.entries {
            let file = "\(directory)/\(Self.folder)/\(entry.name)"
            let mode = [FileAttributeKey.posixPermissions: 0o600]
            guard FileManager.default.createFile(atPath: file, contents: Data(entry.text.utf8), attributes: mode) else {
                throw Failure.unwritable(file, reason: "no room, or no right to")
            }
        }
        // The owner's name and number are nobody's business.
        let words = [
            "--owner=0", "--group=0", "--numeric-owner", "--sort=name", "-czf", "-", "-C", directory, Self.folder,
        ]
        let code = SystemProgram.run("tar", words, output: output)
        guard code == 0 else { throw Failure.tar(code: code) }
        try output.synchronize()
    }
}
