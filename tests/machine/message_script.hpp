// MessageScript: the messages of clients that know the protocol, forget half of it, and mix up their sessions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machine/choices.hpp"

namespace gatehouse::test {

// What the servers' answers have told clients so far.
struct KnownIds {
    std::vector<std::string> sessions;
    std::vector<std::string> oldSessions; // of the old transport
    std::vector<std::string> tasks;
    std::vector<std::string> states;
    int lastAsk = 0;
    // Reads the ids off some bytes that a server sent.
    void learn(std::string_view bytes);
};

class MessageScript {
public:
    explicit MessageScript(Choices& choices) : choices_(choices) {}

    // One whole HTTP request.
    std::string httpRequest();
    // One JSON-RPC message, as a line of standard input.
    std::string line();

    KnownIds known;

private:
    struct Message {
        std::string body;
        std::string fields; // header lines that belong to it
    };
    Message message();
    Message legacy();
    Message modern();
    std::string call(std::string_view more);
    std::string listening();
    std::string batch();
    std::string post(const std::string& target, const std::string& fields, const std::string& body);
    std::string stream();
    std::string withSession();
    std::string token();
    std::string id();
    template <class List>
    std::string anyOf(const List& list); // empty when there is none

    Choices& choices_;
    int nextId_ = 1;
};

} // namespace gatehouse::test
