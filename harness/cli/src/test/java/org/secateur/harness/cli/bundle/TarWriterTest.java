package org.secateur.harness.cli.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of an archive, at the places that the standard gives; that tar reads it is seen where a bundle is unpacked. */
final class TarWriterTest {
    private static final int BLOCK = 512;

    private interface Content {
        void write(TarWriter tar) throws IOException;
    }

    private static byte[] archive(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(bytes, 1_000_000_000)) {
            content.write(tar);
        }
        return bytes.toByteArray();
    }

    private static String field(byte[] archive, int from, int length) {
        String field = new String(archive, from, length, US_ASCII);
        int end = field.indexOf('\0');
        return end < 0 ? field : field.substring(0, end);
    }

    @Test
    void aFileIsAHeaderAndItsBytesInWholeBlocks() throws IOException {
        byte[] content = new byte[BLOCK + 1];
        Arrays.fill(content, (byte) 'x');
        byte[] archive = archive(tar -> tar.file("a/b", false, content));
        assertThat(field(archive, 0, 100)).isEqualTo("a/b");
        assertThat(field(archive, 100, 8)).isEqualTo("0000644");
        assertThat(field(archive, 108, 8)).isEqualTo("0000000");
        assertThat(field(archive, 116, 8)).isEqualTo("0000000");
        assertThat(Long.parseLong(field(archive, 124, 12), 8)).isEqualTo(content.length);
        assertThat(Long.parseLong(field(archive, 136, 12), 8)).isEqualTo(1_000_000_000);
        assertThat(field(archive, 156, 1)).isEqualTo("0");
        assertThat(field(archive, 257, 6)).isEqualTo("ustar");
        assertThat(field(archive, 263, 2)).isEqualTo("00");
        assertThat(archive).hasSize(BLOCK + 2 * BLOCK + 2 * BLOCK);
        assertThat(Arrays.copyOfRange(archive, BLOCK, BLOCK + content.length)).isEqualTo(content);
        assertThat(Arrays.copyOfRange(archive, BLOCK + content.length, archive.length))
                .containsOnly(0);
    }

    @Test
    void theChecksumCountsItselfAsBlanks() throws IOException {
        byte[] archive = archive(tar -> tar.directory("d"));
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : Byte.toUnsignedInt(archive[i]);
        }
        assertThat(Integer.parseInt(field(archive, 148, 8), 8)).isEqualTo(sum);
    }

    @Test
    void directoriesLinksAndExecutablesAreMarked(@TempDir Path folder) throws IOException {
        byte[] directory = archive(tar -> tar.directory("d"));
        assertThat(field(directory, 0, 100) + field(directory, 156, 1)).isEqualTo("d/5");
        byte[] link = archive(tar -> tar.link("l", "../target"));
        assertThat(field(link, 156, 1)).isEqualTo("2");
        assertThat(field(link, 157, 100)).isEqualTo("../target");
        Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\n");
        assertThat(field(archive(tar -> tar.file("s", script)), 100, 8)).isEqualTo("0000644");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        assertThat(field(archive(tar -> tar.file("s", script)), 100, 8)).isEqualTo("0000755");
    }

    @Test
    void aLongNameIsPartedAtASlash() throws IOException {
        String front = "p".repeat(150);
        String back = "n".repeat(100);
        byte[] archive = archive(tar -> tar.file(front + "/" + back, false, new byte[0]));
        assertThat(field(archive, 0, 100)).isEqualTo(back);
        assertThat(field(archive, 345, 155)).isEqualTo(front);
    }

    @Test
    void whatTheFormatCannotHoldIsRefused() {
        for (String name : new String[] {"n".repeat(101), "p".repeat(156) + "/n", "d/" + "n".repeat(100) + "/", "ü"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> archive(tar -> tar.file(name, false, new byte[0])));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> archive(tar -> tar.link("l", "t".repeat(101))));
    }
}
