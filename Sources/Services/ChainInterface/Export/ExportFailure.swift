package import Consensus

/// Why an export cannot be written or read, or what is wrong with it; the description says which.
package struct ExportFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The block that is wrong; nil when it is not about one.
    package let height: Height?
    package let description: String

    package init(_ description: String, height: Height? = nil) {
        self.height = height
        self.description = description
    }
}
