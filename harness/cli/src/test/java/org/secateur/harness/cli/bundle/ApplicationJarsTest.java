package org.secateur.harness.cli.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

final class ApplicationJarsTest {
    private static final LocalDateTime MODIFIED = LocalDateTime.of(2025, 1, 2, 3, 4, 6);

    @TempDir
    Path folder;

    private Path jar(String name, String... entries) {
        Path jar = folder.resolve(name);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String entry : entries) {
                ZipEntry header = new ZipEntry(entry);
                header.setTimeLocal(MODIFIED);
                zip.putNextEntry(header);
                zip.write(entry.repeat(100).getBytes(UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jar;
    }

    private static String path(Path... jars) {
        return Stream.of(jars).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static Map<String, String> unpacked(byte[] jar) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                assertThat(entry.getTimeLocal()).isEqualTo(MODIFIED);
                entries.put(entry.getName(), new String(zip.readAllBytes(), UTF_8));
            }
        }
        return entries;
    }

    @Test
    void everythingButLibtorchIsTakenInItsOrder() throws IOException {
        Path own = jar("own.jar", "META-INF/MANIFEST.MF", "org/secateur/Main.class");
        Path binding = jar("binding.jar", "META-INF/MANIFEST.MF", "org/bytedeco/pytorch/Tensor.class");
        Path natives = jar("natives.jar", "org/bytedeco/openblas/linux-x86_64/libopenblas.so.0");
        Path unknown = jar("unknown.jar", "com/example/New.class");
        ApplicationJars jars = ApplicationJars.of(path(own, binding, natives, unknown));
        assertThat(jars.taken()).containsExactly(own, unknown);
        assertThat(jars.leftOut()).containsExactly(binding, natives);
    }

    @Test
    void nativesOfOtherPlatformsAndThePtxCompilerAreDroppedAndNothingElse() throws IOException {
        List<String> kept = List.of(
                "META-INF/MANIFEST.MF",
                "com/sun/jna/Native.class",
                "com/sun/jna/linux-x86-64/libjnidispatch.so",
                "com/sun/jna/win32/W32APIOptions.class",
                "lib/libJCudaDriver-12.6.0-linux-x86_64.so",
                "org/sqlite/JDBC.class",
                "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so");
        List<String> dropped = List.of(
                "com/sun/jna/aix-ppc64/libjnidispatch.a",
                "com/sun/jna/darwin-aarch64/libjnidispatch.jnilib",
                "com/sun/jna/linux-x86/libjnidispatch.so",
                "com/sun/jna/win32-x86-64/jnidispatch.dll",
                "lib/libJNvPTXCompiler-12.6.0-linux-x86_64.so",
                "org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
                "org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so",
                "org/sqlite/native/Windows/x86_64/sqlitejdbc.dll");
        Path jar = jar("all.jar", Stream.concat(kept.stream(), dropped.stream()).toArray(String[]::new));
        Map<String, String> entries = unpacked(ApplicationJars.packed(jar));
        assertThat(entries.keySet()).containsExactlyElementsOf(kept);
        assertThat(entries).allSatisfy((name, content) -> assertThat(content).isEqualTo(name.repeat(100)));
    }

    @Test
    void aPackedJarIsNotCompressed() throws IOException {
        Path jar = jar("own.jar", "org/secateur/Main.class");
        assertThat(ApplicationJars.packed(jar)).hasSizeGreaterThan(2300);
        assertThat(Files.size(jar)).isLessThan(500);
    }

    @Test
    void classesThatLieInADirectoryCannotBeBundled() {
        Path own = jar("own.jar", "org/secateur/Main.class");
        assertThatExceptionOfType(SecateurException.class)
                .isThrownBy(() -> ApplicationJars.of(path(own, folder)))
                .satisfies(e -> assertThat(e.exit()).isEqualTo(ExitCode.ENVIRONMENT))
                .withMessageContaining(folder.toString());
    }
}
