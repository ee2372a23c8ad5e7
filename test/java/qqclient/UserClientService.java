package qqclient;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import qqcommon.Message;
import qqcommon.MessageType;
import qqcommon.User;

/** What a user does: log in, ask who is online, write, send files, leave. */
class UserClientService {
    private final User u = new User();
    private ClientConnectServerThread thread;

    boolean checkUser(String host, int port, String userId, String pwd) throws Exception {
        u.setUserId(userId);
        u.setPasswd(pwd);
        Socket socket = new Socket(host, port);
        Streams.write(socket, u);
        ObjectInputStream ois = new ObjectInputStream(socket.getInputStream());
        Message answer = (Message) ois.readObject();
        if (!answer.getMesType().equals(MessageType.MESSAGE_LOGIN_SUCCEED)) {
            socket.close();
            return false;
        }
        thread = new ClientConnectServerThread(socket);
        thread.start();
        return true;
    }

    void onlineFriendList() throws IOException {
        send(messageOf(MessageType.MESSAGE_GET_ONLINE_FRIEND));
    }

    void sendMessageToOne(String content, String getterId) throws IOException {
        Message message = messageOf(MessageType.MESSAGE_COMM_MES);
        message.setGetter(getterId);
        message.setContent(content);
        message.setSendTime(new Date().toString());
        send(message);
    }

    void sendMessageToAll(String content) throws IOException {
        Message message = messageOf(MessageType.MESSAGE_TO_ALL_MES);
        message.setContent(content);
        message.setSendTime(new Date().toString());
        send(message);
    }

    void sendFileToOne(String src, String dest, String getterId) throws IOException {
        Message message = messageOf(MessageType.MESSAGE_FILE_MES);
        message.setGetter(getterId);
        message.setSrc(src);
        message.setDest(dest);
        message.setFileBytes(Files.readAllBytes(Path.of(src)));
        send(message);
    }

    void logout() throws IOException {
        send(messageOf(MessageType.MESSAGE_CLIENT_EXIT));
        QQView.say(u.getUserId() + "退出系统");
        System.exit(0);
    }

    private Message messageOf(String mesType) {
        Message message = new Message();
        message.setMesType(mesType);
        message.setSender(u.getUserId());
        return message;
    }

    private void send(Message message) throws IOException {
        Streams.write(thread.getSocket(), message);
    }
}
