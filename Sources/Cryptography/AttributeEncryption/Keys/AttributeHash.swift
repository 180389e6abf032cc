package import BLS12381

/// `H(j)`: attributes as points of G1 (specification section 7.4).
package enum AttributeHash {
    /// `HG1("ABE-ATTR", authority, attribute)`, for an attribute of the expanded form.
    package static func point(_ attribute: String, authority: String) -> G1Point {
        G1Point.hash(tag: "ABE-ATTR", Array(authority.utf8), Array(attribute.utf8))
    }
}
