internal import Transcripts

/// What stands for a keyword in an index page: 16 bytes that say nothing without the key.
///
/// `tag = HKDF("KEYWORD-TAG", key, T(keyword), 16)`: HMAC-SHA256 keyed by an HMAC of the key, cut to 16 bytes. Equal words
/// have equal tags within one organization's epoch, and unrelated ones in another.
package enum KeywordTags {
    package static let length = 16

    /// The tag of one keyword.
    package static func tag(_ keyword: Keyword, _ key: KeywordKey) -> [UInt8] {
        key.derive("KEYWORD-TAG", info: transcript(keyword.bytes), length: self.length)
    }

    /// The tags of some keywords as an index page lists them: strictly ascending, each once.
    package static func tags(_ keywords: [Keyword], _ key: KeywordKey) -> [[UInt8]] {
        var tags: [[UInt8]] = []
        for tag in keywords.map({ self.tag($0, key) }).sorted(by: { $0.lexicographicallyPrecedes($1) })
        where tags.last != tag { tags.append(tag) }
        return tags
    }
}
