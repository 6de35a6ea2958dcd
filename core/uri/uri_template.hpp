// UriTemplate: an RFC 6570 template as MCP's resources/templates uses it: is this URI one of its URIs, and with what
// values?
//
// RFC 6570 defines how a template is filled, and leaves matching open (section 1.4). Here a URI matches when there is
// exactly one way to read all of it as the template; where two readings are possible ({a}-{b} and x-y-z), it does not
// match: a guess could hand a resource to the wrong rule. What can never be read in one way is refused when compiled.
//
// What stands for a variable is one character or more, each of
//   {x}     letters, digits, - . _ ~ : @ ! $ ' ( ) * + = and triplets; so never a raw / ? # [ ] , ; &
//   {+x}    every character of a URI; without ? or # when the template has one further on, and without the first
//           character of a ; ? or & expression further on
//   {#x}    "#", then as {+x}
//   {.x}    ".", then as {x} without "." (nor %2E)        {/x}    "/", then as {x}
//   {;x}    ";x=value" or ";x" (empty)                    {?x} {&x}  "?x=value" or "?x", then "&y=value"
// The last three are parameters: in any order, each once or not at all, no others; an absent one is not among the
// values, and when all are absent their ? ; & is too. {?x}{&y} is the same as {?x,y}. A value may be empty, and ends at
// & or #, for ; at ; / ? or #. Of the other expressions every variable must be there, in the order written: {x,y} is
// "1,2", {/x,y} "/1/2".
//   {x:3}   at most 3 characters (a triplet of UTF-8 counts as its character); the prefix is the value
//   {x*}    one item or more, none of them empty, between the separators of its operator; the value is the items with
//           the separator between them ("a/b" for {/x*}), with "," for ; ? & where the name is repeated. An item that
//           holds the separator itself, in whatever spelling, makes the URI not match.
// Literals are compared byte by byte: no case folding, no normalisation; what a literal may not hold was
// percent-encoded.
//
// Values are decoded once. {x} never matches a raw "/", but %2F arrives as "/", %2E%2E and .. as "..", and {+x} holds
// slashes as they come: a handler that makes a path of a value must check it: it is untrusted input. '+' is a
// plus. A URI with bytes beyond ASCII, white space, a broken triplet, or a value with NUL or not in UTF-8 does not
// match.
//
// Time: proportional to the length of the URI times the number of variables. Threads: const methods from any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "uri/template_pieces.hpp"

namespace gatehouse {

using UriVariables = std::map<std::string, std::string, std::less<>>;

class UriTemplate {
public:
    static constexpr std::size_t maxUri = 8 << 10; // bytes: a longer URI does not match

    // For start-up: throws std::runtime_error, which names the template and what is wrong with it (see templatePieces).
    explicit UriTemplate(std::string text);

    const std::string& text() const { return text_; }

    // The decoded values; nothing when `uri` does not match. An empty map is the match of a template without variables.
    std::optional<UriVariables> match(std::string_view uri) const;

private:
    std::string text_;
    std::vector<TemplatePiece> pieces_;
};

} // namespace gatehouse
