# The script behind gatehouse_embed(): OUTPUT, FILES.
set(text "#include \"admin/page_assets.hpp\"\n\nnamespace gatehouse::admin {\n\nnamespace {\n\n")
set(table "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} symbol)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND text "constexpr unsigned char ${symbol}[] = {${bytes}};\n")
  string(APPEND table
    "    if (name == \"${name}\") return {\"${name}\", {reinterpret_cast<const char*>(${symbol}), sizeof(${symbol})}};\n")
endforeach()
string(APPEND text "\n} // namespace\n\nPageAsset pageAsset(std::string_view name) {\n${table}    return {};\n}\n\n"
  "} // namespace gatehouse::admin\n")
file(WRITE ${OUTPUT} "${text}")
