package qqclient;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The client of the QQ series, with lines instead of a menu: `host port name password new|one`, then
 * `list`, `to NAME TEXT`, `all TEXT`, `file NAME SRC DEST` and `exit`.
 */
public class QQView {
    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] args) throws Exception {
        Streams.isOneForAll = args[4].equals("one");
        UserClientService service = new UserClientService();
        if (!service.checkUser(args[0], Integer.parseInt(args[1]), args[2], args[3])) {
            say("登录失败");
            return;
        }
        say("欢迎 " + args[2]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            carryOut(service, line);
        }
    }

    static synchronized void say(String line) {
        out.println(line);
    }

    private static void carryOut(UserClientService service, String line) throws Exception {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
            case "list" -> service.onlineFriendList();
            case "to" -> service.sendMessageToOne(words[2], words[1]);
            case "all" -> service.sendMessageToAll(line.substring("all ".length()));
            case "file" -> {
                String[] paths = words[2].split(" ");
                service.sendFileToOne(paths[0], paths[1], words[1]);
            }
            case "exit" -> service.logout();
            default -> say("?");
        }
    }
}
