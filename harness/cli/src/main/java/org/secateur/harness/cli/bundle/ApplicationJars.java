package org.secateur.harness.cli.bundle;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.secateur.results.core.SecateurException;

/**
 * The jars that the program runs from, by whether a bundle takes them. What a bundle does not need is named here, so
 * that a new dependency is taken by itself.
 *
 * @param taken those that go into a bundle, each as {@link #packed} makes it
 * @param leftOut those of libtorch, its binding and its libraries, which are larger than everything else together
 */
public record ApplicationJars(List<Path> taken, List<Path> leftOut) {
    private static final String LIBTORCH = "org/bytedeco/";

    /** Natives of other platforms, and JCuda's compiler of PTX, which nothing here calls (24 MB). */
    private static final List<Pattern> DROPPED = List.of(
            Pattern.compile("org/sqlite/native/(?!Linux/x86_64/).*"),
            Pattern.compile("com/sun/jna/(?!linux-x86-64/)[^/]+/(lib)?jnidispatch\\.[^/]+"),
            Pattern.compile("lib/libJNvPTXCompiler-.*"));

    public ApplicationJars {
        taken = List.copyOf(taken);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Sorts the jars of a class path.
     *
     * @param classPath as the system property {@code java.class.path} has it
     * @throws SecateurException when something in it is not a jar
     */
    public static ApplicationJars of(String classPath) throws IOException {
        List<Path> taken = new ArrayList<>();
        List<Path> leftOut = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path jar = Path.of(entry);
            if (!Files.isRegularFile(jar)) {
                throw SecateurException.environment(
                        "the program does not run from jars, of which a bundle is made",
                        "class path " + entry,
                        "start it with ./secateur");
            }
            (isLibtorch(jar) ? leftOut : taken).add(jar);
        }
        return new ApplicationJars(taken, leftOut);
    }

    private static boolean isLibtorch(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream().anyMatch(entry -> entry.getName().startsWith(LIBTORCH));
        }
    }

    /**
     * A jar without what no bundle needs, and without compression: the archive around it is compressed as a whole, and
     * gets smaller for it.
     */
    static byte[] packed(Path jar) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipFile from = new ZipFile(jar.toFile());
                ZipOutputStream to = new ZipOutputStream(bytes)) {
            to.setLevel(Deflater.NO_COMPRESSION);
            for (ZipEntry entry : Collections.list(from.entries())) {
                if (DROPPED.stream().anyMatch(p -> p.matcher(entry.getName()).matches())) {
                    continue;
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(entry.getTimeLocal());
                to.putNextEntry(copy);
                try (InputStream content = from.getInputStream(entry)) {
                    content.transferTo(to);
                }
                to.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
