/// The sign in a browser's tab.
enum Icon {
    static let text = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0b5c7d"/>\
        <path d="M3 17h7l3-9 5 17 4-11 2 3h5" fill="none" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"/></svg>
        """
}
