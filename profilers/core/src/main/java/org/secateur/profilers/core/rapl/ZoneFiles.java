package org.secateur.profilers.core.rapl;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * Reads the files of zones. What cannot be read, or is not what it should be, is a {@link SecateurException} that names
 * the file and what to do.
 *
 * @param powercap the tree's root, on a real machine {@code /sys/class/powercap}
 */
record ZoneFiles(Path powercap, Reader reader) {
    private static final String GIVE_UP = "update the kernel, or measure time only";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    /** Reads a file as text. */
    interface Reader {
        String read(Path file) throws IOException;
    }

    /** A file's text without the white space around it. */
    String text(Path zone, String name) {
        Path file = zone.resolve(name);
        try {
            return reader.read(file).strip();
        } catch (AccessDeniedException e) {
            throw failure(
                    "the energy counters may be read by root only (EACCES)",
                    file,
                    "sudo chmod a+r " + powercap + "/intel-rapl:*/energy_uj",
                    e);
        } catch (NoSuchFileException e) {
            throw failure("an energy counter's file is missing (ENOENT)", file, GIVE_UP, e);
        } catch (IOException e) {
            throw failure("an energy counter cannot be read: " + e.getMessage(), file, GIVE_UP, e);
        }
    }

    /** A file's number, which is at least 0. */
    long number(Path zone, String name) {
        String text = text(zone, name);
        if (!NUMBER.matcher(text).matches()) {
            throw SecateurException.environment(
                    "an energy counter is not a number: \"" + text + "\"",
                    zone.resolve(name).toString(),
                    GIVE_UP);
        }
        return Long.parseLong(text);
    }

    private static SecateurException failure(String what, Path file, String fix, IOException cause) {
        return new SecateurException(ExitCode.ENVIRONMENT, what, file.toString(), fix, cause);
    }
}
