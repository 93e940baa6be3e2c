package race;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The JSON file of the race's rules; keywords are found as whole words in folded text, the longest first. */
final class Rules {
    final int floor;
    final Map<String, Integer> order = new HashMap<>();
    private final Map<String, List<String>> categoriesOf = new LinkedHashMap<>();
    private final Map<Character, List<String>> byFirst = new HashMap<>();
    private final Map<String, String> teamOf = new HashMap<>();

    static Rules load(Path path) throws IOException {
        return new Rules(new ObjectMapper().readTree(path.toFile()));
    }

    private Rules(JsonNode given) {
        floor = given.get("floor").asInt();
        given.get("team_of").properties().forEach(one -> teamOf.put(one.getKey(), one.getValue().asText()));
        given.get("categories").properties().forEach(one -> {
            order.put(one.getKey(), order.size());
            one.getValue().forEach(keyword -> {
                List<String> categories = categoriesOf.computeIfAbsent(fold(keyword.asText()), word -> new ArrayList<>());
                if (!categories.contains(one.getKey())) {
                    categories.add(one.getKey());
                }
            });
        });
        categoriesOf.keySet().stream()
                .sorted(Comparator.comparingInt((String word) -> -word.length()).thenComparing(word -> word))
                .forEach(word -> byFirst.computeIfAbsent(word.charAt(0), first -> new ArrayList<>()).add(word));
    }

    String teamOf(String process) {
        return teamOf.getOrDefault(process, "arbitration");
    }

    boolean hasTeam(String process) {
        return teamOf.containsKey(process);
    }

    List<String> categoriesOf(String word) {
        return categoriesOf.get(word);
    }

    /** Returns the keywords of a folded text in their order; where one was found, the next begins behind it. */
    List<String> find(String folded) {
        List<String> found = new ArrayList<>();
        int at = 0;
        while (at < folded.length()) {
            String word = wordAt(folded, at);
            if (word == null) {
                at++;
            } else {
                found.add(word);
                at += word.length();
            }
        }
        return found;
    }

    private String wordAt(String folded, int at) {
        List<String> known = byFirst.get(folded.charAt(at));
        if (known == null || (at > 0 && isOfWord(folded.codePointBefore(at)))) {
            return null;
        }
        for (String word : known) {
            int end = at + word.length();
            if (folded.startsWith(word, at) && (end == folded.length() || !isOfWord(folded.codePointAt(end)))) {
                return word;
            }
        }
        return null;
    }

    private static boolean isOfWord(int point) {
        return Character.isLetterOrDigit(point) || point == '_';
    }

    /** Folds as Python's `casefold` does what is Latin; by way of upper case, since a sharp s is two letters there. */
    static String fold(String text) {
        return text.chars().allMatch(one -> one < 128)
                ? text.toLowerCase(Locale.ROOT)
                : text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }
}
