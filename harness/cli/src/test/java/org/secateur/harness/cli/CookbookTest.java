package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.secateur.harness.cli.Cookbook.Block;

class CookbookTest {
    @Test
    void shellIsRunAsItStandsWhereNothingElseIsSaid() {
        Block block = only("```sh\na b\nc\n```");
        assertThat(block.script()).hasValue("a b\nc");
        assertThat(block.exits()).containsExactly(0);
    }

    @Test
    void piecesAreReplacedAndExitCodesTold() {
        Block block = only("<!-- CI exits: 0 4 -->\n<!-- CI:\nb -> d -e\nc -> c -> f\n-->\n```sh\na b\nc\n```");
        assertThat(block.text()).isEqualTo("a b\nc");
        assertThat(block.script()).hasValue("a d -e\nc -> f");
        assertThat(block.exits()).containsExactlyInAnyOrder(0, 4);
    }

    @Test
    void anotherLanguageIsReplacedOrSkipped() {
        assertThat(only("<!-- CI instead: run it -->\n```python\nimport x\n```").script())
                .hasValue("run it");
        assertThat(only("<!-- CI skips: no reason -->\n```python\nimport x\n```")
                        .script())
                .isEmpty();
    }

    @Test
    void theModelOfOnesOwnIsTheSourceThatIsCompiledHere() throws IOException {
        String source = Files.readString(
                Run.home().resolve("harness/cli/src/test/java/org/secateur/harness/cli/examples/OwnModel.java"));
        Block shown = Cookbook.read(Run.home().resolve("docs/cookbook.md"))
                .recipe("A model and data of my own, in Java")
                .getFirst();
        // All but the package.
        assertThat(shown.text())
                .isEqualTo(source.substring(source.indexOf("\n\n") + 2).stripTrailing());
    }

    @Test
    void whatNothingIsSaidOfIsAnError() {
        assertRefused("```python\nimport x\n```", "a block of python");
        assertRefused("<!-- CI:\nb -> c\n-->\n```sh\na\n```", "there is no \"b\"");
        assertRefused("<!-- CI maybe: b -->\n```sh\na\n```", "means nothing");
        assertRefused("<!-- CI skips: b -->\nText.", "no block follows");
        assertRefused("<!-- CI skips: b -->", "no block follows");
    }

    private static void assertRefused(String recipe, String message) {
        assertThatThrownBy(() -> only(recipe))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message);
    }

    private static Block only(String recipe) {
        return Cookbook.parse("# Page\n\n## Recipe\n\nText.\n\n" + recipe)
                .recipe("Recipe")
                .getFirst();
    }
}
